"""Fixtures of every test."""

from __future__ import annotations

import pytest

from helpers.cases import CommandLine


@pytest.fixture(autouse=True)
def _nothing_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests leave the record of whoever runs them alone."""
    monkeypatch.setenv("ALLOCATE_RECORD", "none")


@pytest.fixture
def allocate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line, run in this process."""
    return CommandLine(monkeypatch, capsys)
