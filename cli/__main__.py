"""`python -m cli`: what the launcher becomes."""

from __future__ import annotations

import sys

from cli.main import main

sys.exit(main())
