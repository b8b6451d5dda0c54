"""Fixtures for every room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chromium import find_chromium


def is_required(what: str) -> bool:
    """Tell whether RENOVATIEHUB_VEREIST names something: then its absence fails a test."""
    return what in os.environ.get("RENOVATIEHUB_VEREIST", "").replace(",", " ").split()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser, on the path or named by RENOVATIEHUB_CHROMIUM.

    Without it the test is skipped, unless RENOVATIEHUB_VEREIST names `chromium`.
    """
    program = find_chromium()
    if program is None and is_required("chromium"):
        pytest.fail("there is no Chromium on the path, and it is required")
    if program is None:
        pytest.skip("there is no Chromium on the path")
    return program


@pytest.fixture(scope="session")
def voorbeelden() -> Path:
    """The folder with the owners' real samples and schemas, named by RENOVATIEHUB_VOORBEELDEN.

    Without it the test is skipped, unless RENOVATIEHUB_VEREIST names `voorbeelden`.
    """
    named = os.environ.get("RENOVATIEHUB_VOORBEELDEN", "")
    folder = Path(named)
    if named and folder.is_dir():
        return folder
    if is_required("voorbeelden"):
        pytest.fail("RENOVATIEHUB_VOORBEELDEN names no folder, and the samples are required")
    pytest.skip("RENOVATIEHUB_VOORBEELDEN names no folder with samples")
