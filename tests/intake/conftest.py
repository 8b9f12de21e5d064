"""Fixtures of the import."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.extracts import Council


@pytest.fixture
def council(tmp_path: Path) -> Council:
    """A council with a map and places, whose extract is yet to be written."""
    return Council(tmp_path / "council")
