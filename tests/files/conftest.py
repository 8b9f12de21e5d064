"""Shared by the tests of files."""

from __future__ import annotations

import pytest

from helpers.cases import CommandLine


@pytest.fixture
def allocate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line in this process."""
    return CommandLine(monkeypatch, capsys)
