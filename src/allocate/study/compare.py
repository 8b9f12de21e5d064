"""Answers side by side: levels, terms, rules, outcomes by group, people, and why totals differ."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from allocate import registry
from allocate.answered import Answered, read_answer, read_record
from allocate.card import read_card
from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault
from allocate.parts import Part
from allocate.result import plain
from allocate.solving import solve
from allocate.study.waterfall import Fall, waterfall

PERSON = "package"  # a kind of part
PEOPLE = ["from", "to", "package_id"]
PEOPLE += [f"{group}_{when}" for group in ("provider", "area") for when in ("before", "after")]


@dataclass(frozen=True)
class Side:
    """One of the answers.

    Parameters
    ----------
    letter, name
        What tables and what people call it.
    record
        What its ``result.json`` holds.
    parts
        What its plan is made of; empty without one.
    """

    letter: str
    name: str
    record: dict[str, Any]
    parts: tuple[Part, ...]

    def total(self, term: str) -> Fraction:
        """Return what the parts add up to of a term."""
        return sum((part.amounts.get(term, Fraction(0)) for part in self.parts), Fraction(0))


@dataclass(frozen=True)
class Comparison:
    """Answers side by side.

    Parameters
    ----------
    sides
        The answers.
    tables
        By file name without its ending; the first columns say what, then one a side.
    falls
        Why each term differs, from each side to the next.
    apart
        What differs between the questions, in words.
    """

    sides: tuple[Side, ...]
    tables: dict[str, pd.DataFrame]
    falls: tuple[Fall, ...]
    apart: tuple[str, ...]


def compare(
    names: Sequence[str], *, seconds: float | None = None, watch: Watch | None = None
) -> Comparison:
    """Set answers side by side.

    Parameters
    ----------
    names
        Result folders, scenarios or cases; what is no result folder is solved.
    seconds
        Time limit of each that is solved, in place of its scenario's.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        Where one is none of these, or they are of different models.
    """
    if len(names) < 2:
        problem = f"{len(names)} answers are named"
        fault = Fault("allocate compare", "", problem, "Name two or more")
        raise BadInput("the command line", [fault])
    sides = tuple(_side(_letter(place), name, seconds, watch) for place, name in enumerate(names))
    models = {side.name: side.record["model"] for side in sides}
    if len(set(models.values())) > 1:
        told = ", ".join(f"{name} of {model}" for name, model in models.items())
        problem = f"are of different models: {told}"
        raise BadInput("the command line", [Fault("the answers", "", problem, "Compare like")])
    model = sides[0].record["model"]
    tables = {
        "levels": _levels(sides),
        "terms": _terms(sides),
        "rules": _rules(sides),
        **_outcomes(sides, model),
    }
    if any(part.kind == PERSON for side in sides for part in side.parts):
        tables["people"] = pd.DataFrame(_people(sides), columns=PEOPLE)
    falls = tuple(_falls(sides, model))
    tables["waterfall"] = _steps(falls)
    return Comparison(sides, tables, falls, tuple(_apart(sides)))


def _letter(place: int) -> str:
    """Name a side as a spreadsheet names its columns: A to Z, then AA."""
    before, last = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)


def _side(letter: str, name: str, seconds: float | None, watch: Watch | None) -> Side:
    """Read an answer, or make it."""
    folder = Path(name)
    if (folder / "result.json").is_file():
        return _read(letter, folder.name, folder)
    with tempfile.TemporaryDirectory() as place:
        result = solve(name, seconds=seconds, watch=watch)
        return _read(letter, result.record["scenario"], result.write(Path(place) / "result"))


def _read(letter: str, name: str, folder: Path) -> Side:
    record = read_record(folder)
    if not record["levels"]:
        return Side(letter, name, record, ())
    found: Answered = read_answer(folder)
    model = registry.model(record["model"])
    taken = model.parts(found.asked.instance, found.solution, found.review)
    return Side(letter, name, record, tuple(taken))


def _levels(sides: Sequence[Side]) -> pd.DataFrame:
    """Value, bound and gap of each level; one that a side does not have is empty there."""
    found = [{level["name"]: level for level in side.record["levels"]} for side in sides]
    rows = []
    for name in dict.fromkeys(name for levels in found for name in levels):
        unit = next(levels[name]["unit"] for levels in found if name in levels)
        for key, measured in (("objective", unit), ("bound", unit), ("gap", "share")):
            each = {s.letter: x.get(name, {}).get(key) for s, x in zip(sides, found, strict=True)}
            what = "value" if key == "objective" else key
            rows.append({"level": name, "what": what, "unit": measured, **each})
    return pd.DataFrame(rows)


def _terms(sides: Sequence[Side]) -> pd.DataFrame:
    """Amount of each term, by kind."""
    named = dict.fromkeys(term for side in sides for term in side.record["terms"])
    rows: list[dict[str, Any]] = []
    for term in named:
        words = next(s.record["terms"][term] for s in sides if term in s.record["terms"])
        each = {s.letter: s.record["terms"].get(term, {}).get("amount") for s in sides}
        rows.append({"kind": words["kind"], "term": term, "unit": words["unit"], **each})
    rows.sort(key=lambda row: str(row["kind"]))
    return pd.DataFrame(rows)


def _rules(sides: Sequence[Side]) -> pd.DataFrame:
    """Mode, value, slack and what it is short by, of each rule that is on somewhere."""
    rows = []
    for rule, words in sides[0].record["rules"].items():
        said = [side.record["rules"].get(rule, {}) for side in sides]
        if all(found.get("mode", "off") == "off" for found in said):
            continue
        for what in ("mode", "value", "short_by", "slack"):
            each = {s.letter: x.get(what) for s, x in zip(sides, said, strict=True)}
            if any(value is not None for value in each.values()):
                unit = words["unit"] if what in ("short_by", "slack") else ""
                row = {"rule": rule, "kind": words["kind"], "what": what, "unit": unit}
                rows.append({**row, **each})
    return pd.DataFrame(rows)


def _outcomes(sides: Sequence[Side], model: str) -> dict[str, pd.DataFrame]:
    """What falls to each area, provider, home or week."""
    card, units = read_card(model), registry.model(model).UNITS
    totals: dict[str, dict[tuple[str, str], dict[str, Fraction]]] = {}
    for side in sides:
        for part in side.parts:
            for kind, group in part.groups.items():
                for measure, amount in part.amounts.items():
                    each = totals.setdefault(kind, {}).setdefault((group, measure), {})
                    each[side.letter] = each.get(side.letter, Fraction(0)) + amount
    tables = {}
    for kind, found in totals.items():
        rows = []
        for (group, measure), each in sorted(found.items()):
            if any(each.values()):
                unit = units[measure] if measure in units else card.terms[measure].unit
                amounts = {s.letter: plain(each.get(s.letter, Fraction(0))) for s in sides}
                rows.append({kind: group, "what": measure, "unit": unit, **amounts})
        tables[f"by_{kind}"] = pd.DataFrame(rows)
    return tables


def _people(sides: Sequence[Side]) -> list[dict[str, str]]:
    """People who have another provider or area in one answer than in the one before."""
    held = [{part.id: part for part in side.parts if part.kind == PERSON} for side in sides]
    rows = []
    for (a, one), (b, other) in pairwise(zip(sides, held, strict=True)):
        for name in sorted({*one, *other}) if a.parts and b.parts else ():
            was, now = one.get(name), other.get(name)
            row = {"from": a.letter, "to": b.letter, "package_id": name}
            for key in ("provider", "area"):
                row[f"{key}_before"] = was.groups[key] if was else ""
                row[f"{key}_after"] = now.groups[key] if now else ""
            if any(row[f"{key}_before"] != row[f"{key}_after"] for key in ("provider", "area")):
                rows.append(row)
    return rows


def _falls(sides: Sequence[Side], model: str) -> Iterator[Fall]:
    """Say why each term differs, from each answer to the next."""
    words, card = registry.model(model).STEPS, read_card(model)
    for one, other in pairwise(sides):
        for term in one.record["terms"] if one.parts and other.parts else ():
            names = one.letter, other.letter
            if steps := waterfall(one.parts, other.parts, term, words, names):
                before, after = one.total(term), other.total(term)
                yield Fall(*names, term, card.terms[term].unit, before, tuple(steps), after)


def _steps(falls: Sequence[Fall]) -> pd.DataFrame:
    """Every waterfall as rows: the total before, each step, the total after."""
    rows: list[dict[str, Any]] = []
    for fall in falls:
        head = {"from": fall.one, "to": fall.other, "term": fall.term, "unit": fall.unit}
        told: list[tuple[str, int | None, Fraction]] = [("before", None, fall.before)]
        told += [(step.words, step.count, step.amount) for step in fall.steps]
        told.append(("after", None, fall.after))
        rows += [
            {**head, "step": words, "parts": count, "amount": plain(amount)}
            for words, count, amount in told
        ]
    columns = ["from", "to", "term", "unit", "step", "parts", "amount"]
    return pd.DataFrame(rows, columns=columns).astype({"parts": "Int64"})


def _apart(sides: Sequence[Side]) -> Iterator[str]:
    """Say what differs between the questions: case, tables, changes, parameters."""
    records = [side.record for side in sides]
    if len({record["case"] for record in records}) > 1:
        yield "case: " + ", ".join(f"{s.letter} {s.record['case']}" for s in sides)
    tables = dict.fromkeys(table for record in records for table in record["inputs"])
    changed = [t for t in tables if len({record["inputs"].get(t) for record in records}) > 1]
    if changed:
        yield f"tables of the cases: {', '.join(changed)}"
    counts = Counter(change["words"] for record in records for change in record["changes"])
    for side in sides:
        for change in side.record["changes"]:
            if counts[change["words"]] < len(sides):
                yield f"changed in {side.letter}: {change['words']}"
    for key in dict.fromkeys(key for record in records for key in record["parameters"]):
        said = [record["parameters"].get(key, {}).get("value") for record in records]
        yield from _differs(key, sides, said)
    for key in dict.fromkeys(key for record in records for key in record["limits"]):
        yield from _differs(
            f"limits.{key}", sides, [record["limits"].get(key) for record in records]
        )
    for rule in records[0]["rules"]:
        said = [record["rules"].get(rule, {}).get("mode") for record in records]
        yield from _differs(f"{rule}.mode", sides, said)


def _differs(name: str, sides: Sequence[Side], said: Sequence[Any]) -> Iterator[str]:
    """Say what each side has, where that is not the same."""
    if len({str(value) for value in said}) > 1:
        each = (f"{side.letter} {value}" for side, value in zip(sides, said, strict=True))
        yield f"{name}: {', '.join(each)}"
