"""An answer: what was asked, what is proven, what the review says, and the folder it goes into."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.files.target import written_whole
from allocate.price_list import PriceList

OPTIMAL, FEASIBLE, INFEASIBLE, STOPPED = "optimal", "feasible", "infeasible", "stopped"
PAGES = ("report.html", "workbook.xlsx")  # the answer once more, for people to open
EXIT_CODES = {OPTIMAL: 0, FEASIBLE: 0, INFEASIBLE: 1, STOPPED: 3}


@dataclass(frozen=True)
class Level:
    """A level of the answer, in its unit.

    Parameters
    ----------
    name, terms, unit
        What it adds up: terms with their weights.
    objective
        Value of the plan, recounted by the review.
    fixed
        Part that no decision changes; None where the level was not reached.
    bound
        No plan that does as well on the levels before is lower; None where nothing is proven.
    proof
        What the bound rests on: ``arithmetic``, ``prices`` or ``solver's word``; empty where there
        is none.
    proven, prices
        What the prices prove without the solver, if it was counted.
    seconds, trace
        Time spent, and (seconds, best, bound) as the gap closed.
    """

    name: str
    terms: Mapping[str, float]
    unit: str
    objective: Fraction
    fixed: Fraction | None
    bound: Fraction | None
    why_stopped: str
    proof: str = ""
    proven: Fraction | None = None
    prices: PriceList = field(default_factory=PriceList)
    seconds: float = 0.0
    trace: tuple[tuple[float, float, float], ...] = ()

    @property
    def gap(self) -> float | None:
        """Relative gap over what can be decided, never over less than one unit."""
        if self.bound is None or self.fixed is None:
            return None
        decided = max(abs(self.objective - self.fixed), Fraction(1))
        return float((self.objective - self.bound) / decided)

    @property
    def gap_pounds(self) -> float | None:
        """The same in pounds a year, for a level of money alone."""
        if self.bound is None or not self.unit.startswith("pounds"):
            return None
        return float(self.objective - self.bound)

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``result.json``."""
        return {
            "name": self.name,
            "terms": dict(self.terms),
            "unit": self.unit,
            "objective": plain(self.objective),
            "fixed": plain(self.fixed),
            "bound": plain(self.bound),
            "gap": self.gap,
            "gap_pounds": self.gap_pounds,
            "why_stopped": self.why_stopped,
            "proof": self.proof,
            "seconds": round(self.seconds, 3),
            "trace": [list(point) for point in self.trace],
        }

    def as_certificate(self) -> dict[str, Any]:
        """Plain values for ``certificate.json``: the bound, and all that proves it."""
        return {
            "name": self.name,
            "bound": plain(self.bound),
            "proof": self.proof,
            "proven": plain(self.proven),
            **self.prices.as_json(),
        }


@dataclass(frozen=True)
class Result:
    """The answer to a question.

    Parameters
    ----------
    status
        ``optimal``, ``feasible``, ``infeasible`` or ``stopped``.
    record
        What ``result.json`` holds.
    tables
        Answer tables, by file name without its ending; none without a plan.
    levels
        The objective, most important first; none without a plan.
    summary
        The answer in plain words.
    assumed
        What was assumed, row by row.
    drawings
        Pictures of the answer, by file name.
    letters
        Texts for people outside, and about them, by file name.
    question, case
        The question as a scenario file that stands alone, and its case as CSV, by table: what
        anybody needs to ask again.
    """

    status: str
    record: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    levels: tuple[Level, ...]
    summary: str
    certificate: Mapping[str, Any] = field(default_factory=dict)
    assumed: pd.DataFrame = field(default_factory=pd.DataFrame)
    drawings: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    case: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.summary

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        return EXIT_CODES[self.status]

    def write(self, folder: str | Path, *, pages: bool = False) -> Path:
        """Write the result folder: whole, or not at all.

        Parameters
        ----------
        folder
            Where to; it may not exist.
        pages
            Whether to add what people open, ``report.html`` and ``workbook.xlsx``: they say nothing
            that is not in the other files.

        Raises
        ------
        BadInput
            Where the folder exists or cannot be written.
        """
        folder = Path(folder)
        with written_whole(folder) as unfinished:
            self._fill(unfinished)
            if pages:
                from allocate.report.pages import write_pages

                write_pages(self, unfinished)
        return folder

    def _fill(self, folder: Path) -> None:
        began = time.monotonic()
        for name, text in self.texts().items():
            _write_text(folder / name, text)
        (folder / self.record["case"]).mkdir()
        for name, text in self.case.items():
            _write_text(folder / self.record["case"] / f"{name}.csv", text)
        spent = dict(self.record["seconds"], write=round(time.monotonic() - began, 3))
        _write_text(folder / "result.json", _as_json({**self.record, "seconds": spent}))

    def texts(self) -> dict[str, str]:
        """Text of each file that answers the question, by name; ``result.json`` is not among them.

        The same run gives the same texts.
        """
        return {
            "certificate.json": _as_json(self.certificate),
            "summary.txt": self.summary + "\n",
            f"{self.record['scenario']}.toml": self.question,
            **self.drawings,
            **self.letters,
            **{
                f"{name}.csv": table.to_csv(index=False, lineterminator="\n")
                for name, table in {**self.tables, "assumptions": self.assumed}.items()
            },
        }


def _as_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def plain(value: Fraction | None) -> float | int | None:
    """Write an exact number as a whole one where it is, else as the nearest decimal."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def versions() -> dict[str, str]:
    """Versions of what an answer rests on."""
    names = ("allocate", "highspy", "ortools", "pulp", "numpy", "scipy", "pandas")
    return {"python": sys.version.split()[0], **{name: metadata.version(name) for name in names}}
