"""Fixtures for every room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def voorbeelden() -> Path:
    """The folder with the owners' real samples and schemas, named by RENOVATIEHUB_VOORBEELDEN.

    Without it the test is skipped, unless RENOVATIEHUB_VEREIST names `voorbeelden`.
    """
    named = os.environ.get("RENOVATIEHUB_VOORBEELDEN", "")
    folder = Path(named)
    if named and folder.is_dir():
        return folder
    if "voorbeelden" in os.environ.get("RENOVATIEHUB_VEREIST", "").replace(",", " ").split():
        pytest.fail("RENOVATIEHUB_VOORBEELDEN names no folder, and the samples are required")
    pytest.skip("RENOVATIEHUB_VOORBEELDEN names no folder with samples")
