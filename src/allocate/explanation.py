"""What an explanation says, and each of its claims in a form that can be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from allocate.study.scenario import Change

Verdict = Literal["barred", "impossible", "same", "worse", "better", "open", "leads", "overtaken"]


@dataclass(frozen=True)
class Claim:
    """One claim: were the case changed so, the answer would change so.

    Parameters
    ----------
    text
        The claim in words.
    changes
        What to add to the scenario to see for oneself.
    verdict
        ``barred``: the question is refused then; ``impossible``: no plan keeps every hard rule;
        ``same``: a plan as good on every level; ``worse``, ``better``: proven so; ``open``: not
        settled in the time given. ``leads``, ``overtaken``: whether the lead still leads.
    level
        The first level that differs; None where none does.
    low, high
        By how much it is higher at least and at most, in its unit.
    relaxes
        Whether the change allows more than the question does, so that better is no surprise.
    """

    text: str
    changes: tuple[Change, ...]
    verdict: Verdict
    level: str | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    relaxes: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "text": self.text,
            "verdict": self.verdict,
            "level": self.level,
            "low": None if self.low is None else float(self.low),
            "high": None if self.high is None else float(self.high),
            "change": [
                change.model_dump(mode="json", exclude_defaults=True) for change in self.changes
            ],
        }


@dataclass(frozen=True)
class Explanation:
    """Why the answer is as it is, for one package, area or provider.

    Parameters
    ----------
    title
        What is explained.
    sections
        Titles and lines.
    claims
        What can be asked again.
    """

    title: str
    sections: Sequence[tuple[str, Sequence[str]]]
    claims: Sequence[Claim] = ()

    def __str__(self) -> str:
        blocks = [self.title]
        for title, lines in self.sections:
            blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
        return "\n\n".join(blocks)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "title": self.title,
            "sections": [{"title": title, "lines": list(lines)} for title, lines in self.sections],
            "claims": [claim.as_json() for claim in self.claims],
        }
