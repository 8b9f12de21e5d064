"""Values that a sweep gives to one key of a scenario: a range, or a list.

rules.lead_accepts_share.value = 0.5..1.0 step 0.05
rules.step_in.mode = report, soft, hard
limits.seed = 1..5
scale.packages.hours_per_week = 0.9..1.3 step 0.1
change.1.scale.capacity_hours = 0.8, 1, 1.2
case = sefton, sefton-tender
limits.seed = 1, 2, 3 with rules.lead_accepts_share.value = 0.7, 0.8, 0.9

Keys joined by ``with`` move together: the first value of each, then the second.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allocate.errors import BadInput, Fault
from allocate.study.scenario import Change, Question
from allocate.study.scenario_file import read_scenario

RANGE = re.compile(r"(?P<first>\S+?)\s*\.\.\s*(?P<last>\S+)(\s+step\s+(?P<step>\S+))?")
SCENARIO = "scenario"  # the axis of several scenarios
MOST = 10_000  # cases of a sweep
# Another key, and not a word of a value.
WITH = re.compile(r"\s+with\s+(?=[\w-]+(?:\.[\w-]+)*\s*=)")
HOW = "Write KEY = 0.5..1.0 step 0.05, or KEY = 1, 2, 3, or KEY = 1, 2 with KEY = 3, 4"


@dataclass(frozen=True)
class Axis:
    """A key of a scenario and the values that it is given in turn.

    Parameters
    ----------
    key
        As in a scenario file, its tables joined by dots; ``change.2.set.hours_per_week`` is the
        second of its changes, ``scale.<table>.<column>`` one more change, of all rows.
    values
        As TOML has them.
    beside
        Other keys that move with it, each with as many values.
    """

    key: str
    values: tuple[Any, ...]
    beside: tuple[Axis, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys that it moves."""
        return self.key, *(other.key for other in self.beside)

    def at(self, place: int) -> list[tuple[str, Any]]:
        """Keys and values at a place."""
        return [(axis.key, axis.values[place]) for axis in (self, *self.beside)]


def read_axis(text: str) -> Axis:
    """Read an axis as it is typed.

    Raises
    ------
    BadInput
        Where it cannot be understood.
    """
    first, *beside = [_one(text, part) for part in WITH.split(text)]
    if any(len(other.values) != len(first.values) for other in beside):
        counts = ", ".join(f"{axis.key} has {len(axis.values)}" for axis in (first, *beside))
        remedy = "Give each key as many values, or a --over of its own for a grid"
        raise wrong(text, f"has keys that cannot move together: {counts}", remedy)
    axis = replace(first, beside=tuple(beside))
    if len({repr(axis.at(place)) for place in range(len(axis.values))}) < len(axis.values):
        raise wrong(text, "has one value twice", "Leave one of them out")
    return axis


def _one(text: str, part: str) -> Axis:
    """Read one key and its values."""
    key, equals, right = (piece.strip() for piece in part.partition("="))
    try:
        if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key):
            raise ValueError("has no KEY = VALUES")
        values = _range(right) or _listed(right)
        if not values:
            raise ValueError("has no values")
    except ValueError as error:
        raise wrong(text, str(error), HOW) from None
    return Axis(key, values)


def wrong(text: str, problem: str, remedy: str) -> BadInput:
    """Say what is wrong with an axis."""
    return BadInput("the command line", [Fault("--over", f'"{text}"', problem, remedy)])


def _range(text: str) -> tuple[int | float, ...]:
    """Return the values of a range, both ends included; none where the text is no range."""
    found = RANGE.fullmatch(text)
    if found is None:
        return ()
    try:
        first, last = Decimal(found["first"]), Decimal(found["last"])
        step = Decimal(found["step"] or 1)
    except InvalidOperation:
        raise ValueError("is no range of numbers") from None
    if not (first.is_finite() and last.is_finite() and step.is_finite()):
        raise ValueError("is no range of numbers")
    if step <= 0 or last < first:
        raise ValueError("goes nowhere: the step has to lead from the first value to the last")
    count = int((last - first) / step) + 1
    if count > MOST:
        raise ValueError(f"has {count:,} values, and a sweep has at most {MOST:,} cases")
    whole = all(number == number.to_integral_value() for number in (first, step))
    each = (first + step * number for number in range(count))
    return tuple(int(value) if whole else float(value) for value in each)


def _listed(text: str) -> tuple[Any, ...]:
    """Return the values of a list; a word that TOML does not know stands for itself."""
    try:
        return tuple(tomllib.loads(f"x = [{text}]")["x"])
    except tomllib.TOMLDecodeError:
        return tuple(_value(item.strip()) for item in text.split(",") if item.strip())


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def question_at(where: str | Path, settings: Sequence[tuple[str, Any]]) -> Question:
    """Return a scenario's question with some of its values replaced.

    Parameters
    ----------
    where
        As in ``read_scenario``.
    settings
        Keys and values; the question says them at its end.

    Raises
    ------
    BadInput
        Where the scenario does not know a key or may not have a value.
    """
    over: dict[str, Any] = {}
    edits = []
    for key, value in settings:
        steps = key.split(".")
        if key == SCENARIO:
            where = value
        elif steps[0] == "scale" and len(steps) == 3:
            scaled = {"table": steps[1], "scale": {steps[2]: value}}
            over["change"] = [*over.get("change", []), scaled]
        elif steps[0] == "change":
            edits.append((steps, value))
        else:
            inner = over
            for step in steps[:-1]:
                inner = inner.setdefault(step, {})
            inner[steps[-1]] = value
    question = read_scenario(where, over)
    for steps, value in edits:
        question = _edited(question, steps, value)
    told = ", ".join(f"{key} = {value}" for key, value in settings if key != SCENARIO)
    return replace(question, text=f"{question.text} With {told}.") if told else question


def _edited(question: Question, steps: Sequence[str], value: Any) -> Question:
    """Give a value to a key of one of the question's own changes."""
    key = ".".join(steps)
    numbers = [str(number) for number in range(1, len(question.changes) + 1)]
    if len(steps) < 3 or steps[1] not in numbers:
        count = len(numbers)
        problem = f"names no change of {question.name}, which has {count}"
        raise wrong(key, problem, "Write change.1.scale.COLUMN; changes are counted from 1")
    place = int(steps[1]) - 1
    written = question.changes[place].model_dump(exclude_defaults=True)
    inner = written
    for step in steps[2:-1]:
        inner = inner.setdefault(step, {})
        if not isinstance(inner, dict):
            raise wrong(key, f"{step} is no table of keys", "Name a key of set, scale or where")
    inner[steps[-1]] = value
    try:
        changed = Change.model_validate(written)
    except ValidationError as error:
        raise wrong(key, str(error.errors()[0]["msg"]), "Correct the key or the value") from None
    changes = [*question.changes[:place], changed, *question.changes[place + 1 :]]
    return replace(question, changes=tuple(changes))
