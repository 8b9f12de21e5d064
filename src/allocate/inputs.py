"""Inputs that a study moves: known ones to values of interest, uncertain ones within what is known.

A model lists the inputs that decide its plans (``points``); what is uncertain is read off the case:
a figure's ``basis`` says how it is known, and so how far off it may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from allocate.card import STEPS
from allocate.study.scenario import Change, Question

if TYPE_CHECKING:
    from allocate.asked import Asked

# By how much a figure may be off, as a share of it, by its basis; a card's own number is assumed.
SPREAD = {"assumed": 0.2, "provider said": 0.1}
PLACES = ("m",)  # units of figures that say where something is
Floors = Mapping[tuple[str, str, str], float]  # least that a figure can be, by table, column and id


@dataclass(frozen=True)
class Point:
    """An input at one value.

    Parameters
    ----------
    input
        What is moved, in words.
    now, value
        What it is, and what it is set to.
    question
        The question with that.
    """

    input: str
    now: str
    value: float
    question: Question


@dataclass(frozen=True)
class Uncertain:
    """A figure that may be off.

    Parameters
    ----------
    table, column, id
        Where it stands; a parameter has an empty column.
    basis
        How it is known.
    stated, low, high
        What it is taken to be, and between what it may lie.
    per
        Steps in one unit: it is a whole number of these.
    """

    table: str
    column: str
    id: str
    basis: str
    stated: float
    low: float
    high: float
    per: int

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"{self.column} of {self.id}" if self.column else self.id

    def at(self, share: float) -> float:
        """Return the value so far up between its ends, in whole steps."""
        steps = round((self.low + share * (self.high - self.low)) * self.per)
        return steps / self.per


def with_changes(question: Question, *changes: Change) -> Question:
    """Return a question with more changes to its case."""
    return replace(question, changes=(*question.changes, *changes))


def with_parameter(question: Question, key: str, value: Any) -> Question:
    """Return a question with another value of a parameter."""
    return replace(question, parameters={**question.parameters, key: value})


def set_to(asked: Asked, values: Sequence[tuple[Uncertain, float]]) -> Question:
    """Return a question with uncertain figures set.

    Parameters
    ----------
    asked
        The question; its changes may not touch these figures.
    values
        Figures and what to set them to.
    """
    question, changes = asked.question, []
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one, value in values:
        if one.column:
            # A minute is a sixtieth of an hour: so many decimals are read again as whole ones.
            rows.setdefault((one.table, one.id), {})[one.column] = round(value, 9)
        else:
            question = with_parameter(question, one.id, value)
    for (table, label), cells in rows.items():
        key = asked.tables.card.tables[table].primaryKey[0]
        changes.append(Change(table=table, where={key: label}, set=cells))
    return with_changes(question, *changes)


def uncertain(asked: Asked, floors: Floors) -> list[Uncertain]:
    """List the figures of a question that may be off.

    Parameters
    ----------
    asked
        The question.
    floors
        What the case itself shows a figure to be at least.
    """
    found = [*_parameters(asked), *_cells(asked, floors)]
    return [one for one in found if one.low < one.high]


def _parameters(asked: Asked) -> Iterator[Uncertain]:
    """Shares, rates and amounts that nobody recorded; what the scenario sets is a choice."""
    frame = asked.tables["parameters"]
    basis = dict(zip(frame["parameter_id"], frame["basis"], strict=True))
    for key, words in asked.tables.card.parameters.items():
        value = asked.instance.parameters[key]
        if key in asked.question.parameters or value is None or words.step in (None, "one"):
            continue
        known = basis.get(key, "assumed")  # the card's own number
        yield _around(
            "parameters", "", key, known, value, (words.minimum, words.maximum), words.step
        )


def _cells(asked: Asked, floors: Floors) -> Iterator[Uncertain]:
    """Figures in rows of tables whose ``basis`` says how they are known."""
    for name, words in asked.tables.card.tables.items():
        if "basis" not in words.names or name == "parameters":
            continue
        frame = asked.tables[name]
        for column in words.fields:
            if column.type != "number" or column.unit in PLACES or column.step in (None, "one"):
                continue
            ends = column.constraints.minimum, column.constraints.maximum
            rows = zip(frame[words.primaryKey[0]], frame["basis"], frame[column.name], strict=True)
            for label, basis, value in rows:
                if not pd.isna(value):
                    least = floors.get((name, column.name, label))
                    low = max(x for x in (ends[0], least, 0.0) if x is not None)
                    limits = low, ends[1]
                    yield _around(name, column.name, label, basis, value, limits, column.step)


def _around(
    table: str,
    column: str,
    label: str,
    basis: str,
    value: Any,
    limits: tuple[float | None, float | None],
    step: str,
) -> Uncertain:
    """Return a figure with its ends, within what it may be."""
    stated, spread = float(value), SPREAD.get(basis, 0.0)
    low, high = stated * (1 - spread), stated * (1 + spread)
    if limits[0] is not None:
        low = max(low, min(float(limits[0]), stated))
    if limits[1] is not None:
        high = min(high, float(limits[1]))
    return Uncertain(table, column, label, basis, stated, low, high, STEPS[step])
