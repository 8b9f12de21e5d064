"""A family of cases of ok_small, and what a study of it leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allocate.study.case import Case
from allocate.study.scenario import Question
from allocate.study.scenario_file import read_scenario
from helpers.cases import OK_SMALL


def asked(share: float = 0.9, **over: Any) -> Question:
    """A question of ok_small."""
    return read_scenario(OK_SMALL, {"rules": {"lead_accepts_share": {"value": share}}, **over})


FAMILY = [
    Case("root", asked()),
    Case("child", asked(0.5), "root"),
    Case("other", asked(0.7), "root"),
    Case("grandchild", asked(0.6), "child"),
]

# Nobody has staff for the people they have, and nobody may be moved or left waiting by choice.
CROWDED = {
    "change": [{"table": "providers", "set": {"capacity_hours": 1, "growth_hours": 0}}],
    "rules": {
        "share_limit": {"mode": "hard", "value": 0.1},
        "moves_limit": {"mode": "hard", "value": 0},
    },
}


def texts(folder: Path) -> dict[str, bytes]:
    """All that answers the questions of a study, by file; times differ from run to run."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "cases").rglob("*"))
        if path.is_file() and path.name != "result.json"
    }
