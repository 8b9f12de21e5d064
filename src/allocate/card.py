"""The card of a model: its tables, parameters, rules and terms, in words, read from TOML.

The table part uses the names of the Frictionless Table Schema (``primaryKey``, ``foreignKeys``,
``constraints``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["law", "contract", "policy", "preference"]
Mode = Literal["off", "hard", "soft", "report", "raise"]

# The number of steps in one unit: a step is the smallest amount that the house counts in.
STEPS = {"one": 1, "minute": 60, "penny": 100, "thousandth": 1000}


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Constraints(_Words):
    """What a cell has to keep to."""

    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] | None = None


class Column(_Words):
    """A column of a table."""

    name: str
    type: Literal["string", "integer", "number", "boolean", "date", "list"]
    title: str
    unit: str = ""
    step: Literal["one", "minute", "penny", "thousandth"] | None = None
    aliases: dict[str, str] = Field(default_factory=dict)
    empty: str | float | None = None
    constraints: Constraints = Constraints()


class ForeignKey(_Words):
    """A column whose values have to stand in another table's first key column."""

    field: str
    table: str


class Table(_Words):
    """A table of a case: one CSV file or one sheet."""

    title: str
    required: bool = False
    primaryKey: tuple[str, ...] = ()
    foreignKeys: tuple[ForeignKey, ...] = ()
    fields: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(field.name for field in self.fields)


class Quantity(_Words):
    """A value that a person may set: what it may be, and what it is if nobody does."""

    unit: str = ""
    default: float | str | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: Literal["one", "minute", "penny", "thousandth"] | None = None
    enum: tuple[str, ...] | None = None

    def fault(self, value: object) -> str | None:
        """Say what is wrong with a value, or None where nothing is."""
        if self.enum is not None:
            return None if value in self.enum else f"must be one of {', '.join(self.enum)}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number"
        low = float("-inf") if self.minimum is None else self.minimum
        high = float("inf") if self.maximum is None else self.maximum
        if not low <= value <= high:
            return f"must be from {low:g} to {high:g} {self.unit}".rstrip()
        if self.step and (Fraction(str(value)) * STEPS[self.step]).denominator != 1:
            return f"must be a whole {self.step}" if self.step != "one" else "must be whole"
        return None


class Parameter(Quantity):
    """A number or word that the model needs and that no table gives."""

    title: str


class Rule(_Words):
    """A rule that a plan keeps, may break at a price, or is measured by."""

    title: str
    kind: Kind
    mode: Mode
    modes: tuple[str, ...] = ()
    aliases: dict[str, Mode] = Field(default_factory=dict)
    value: float | str | None = None
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] | None = None
    step: Literal["one", "minute", "penny", "thousandth"] | None = None
    value_unit: str = ""
    unit: str
    units: dict[str, str] = Field(default_factory=dict)
    price: float
    statement: str
    formula: str
    remedy: str
    options: dict[str, Quantity] = Field(default_factory=dict)

    @property
    def quantity(self) -> Quantity:
        """What the value of the rule may be."""
        return Quantity(minimum=self.minimum, maximum=self.maximum, enum=self.enum, step=self.step)

    def unit_for(self, options: Mapping[str, Any]) -> str:
        """Return the unit that goes with the options chosen."""
        return next((self.units[v] for v in options.values() if v in self.units), self.unit)

    @property
    def takes_value(self) -> bool:
        """Whether the rule has a threshold at all."""
        return self.value is not None or self.minimum is not None


class Term(_Words):
    """A quantity that a level of the objective adds up."""

    title: str
    kind: str
    unit: str
    statement: str
    formula: str


class Card(_Words):
    """All the words of one model; its objective is its ``levels`` or, without any, ``priced``."""

    id: str
    title: str
    shared: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()  # shared tables that this model can do without
    levels: tuple[str, ...]
    priced: dict[str, float] = Field(default_factory=dict)
    tables: dict[str, Table]
    parameters: dict[str, Parameter]
    rules: dict[str, Rule]
    terms: dict[str, Term]

    def unit_of(self, weights: Mapping[str, float]) -> str:
        """Return the unit of a level: its only term's, or points where terms are weighed."""
        only = next(iter(weights)) if len(weights) == 1 else None
        return self.terms[only].unit if only and weights[only] == 1 else "points"


def shipped(*parts: str) -> Path:
    """Return a path inside the words and cases that travel with the package.

    In an installed wheel they lie beside this file; in a checkout they are the top-level folders.
    """
    installed = Path(str(resources.files("allocate"))).joinpath(*parts)
    return installed if installed.exists() else Path(__file__).parents[2].joinpath(*parts)


@cache
def read_card(model: str) -> Card:
    """Read the card of a model.

    Parameters
    ----------
    model
        ``homecare``, ``beds`` or ``lots``.

    Returns
    -------
    Card
        The card, with the shared tables it names.
    """
    words: dict[str, Any] = tomllib.loads(
        shipped("models", model, "card.toml").read_text(encoding="utf-8")
    )
    shared = tomllib.loads(shipped("models", "shared.toml").read_text(encoding="utf-8"))["tables"]
    tables = {name: shared[name] for name in words["shared"]} | words["tables"]
    for name in words.get("optional", ()):
        tables[name] = tables[name] | {"required": False}
    return Card.model_validate(words | {"tables": tables})


def models() -> tuple[str, ...]:
    """Names of the models that have a card."""
    return tuple(sorted(card.parent.name for card in shipped("models").glob("*/card.toml")))
