"""Fixtures of every test."""

from __future__ import annotations

import pytest

from helpers.cases import CommandLine


@pytest.fixture
def allocate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line, run in this process."""
    return CommandLine(monkeypatch, capsys)
