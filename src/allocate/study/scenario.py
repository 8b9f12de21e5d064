"""A scenario: one question about a case, as small named changes to it, and as resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field

DEFAULT = "homecare"  # what a question is about that does not say

Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Toml(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Toml):
    """One change to a table: rows chosen by ``where``, then set, scaled or dropped; or rows added.

    ``where`` takes any column of the table or of a table it points to.
    """

    table: str
    where: dict[str, Any] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)
    scale: dict[str, Factor] = Field(default_factory=dict)
    drop: bool = False
    add: list[dict[str, Any]] = Field(default_factory=list)
    because: str = ""


class Limits(_Toml):
    """When to stop, and the seed of everything random."""

    seconds: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    gap: float = Field(default=0.001, ge=0, le=1, allow_inf_nan=False)
    seed: int = Field(default=1, ge=0, lt=2**31)
    work: int | None = Field(default=None, ge=1)


class Given(TypedDict, total=False):
    """Limits given in place of a scenario's, by name; None leaves what that says.

    Parameters
    ----------
    seconds
        For all levels together.
    gap
        To stop at, of what can be decided.
    seed
        Of everything random.
    work
        Runs of our engine's search.
    """

    seconds: float | None
    gap: float | None
    seed: int | None
    work: int | None


class LevelWords(_Toml):
    """One level of the objective: a weighted sum of terms."""

    name: str
    terms: dict[str, float]


class Objective(_Toml):
    """Levels in order, or one priced sum."""

    levels: list[str | LevelWords] | None = None
    priced: dict[str, float] | None = None
    allow_waiting_to_save: bool = False


class ScenarioFile(_Toml):
    """A scenario as written."""

    question: str = ""
    case: str | None = None
    extends: str | list[str] = Field(default_factory=list)
    model: str = DEFAULT
    objective: Objective = Objective()
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    change: list[Change] = Field(default_factory=list)
    limits: Limits = Limits()


@dataclass(frozen=True)
class Setting:
    """How a rule stands in this question.

    Parameters
    ----------
    mode
        ``off``, ``hard``, ``soft``, ``report``, or ``raise`` where the card allows it.
    value
        Threshold, in the rule's unit; None where the rule has none.
    price
        Points for each unit short, when soft.
    options
        The rule's own options.
    """

    mode: str
    value: float | str | None
    price: float
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def binds(self) -> bool:
        """Whether the rule can change a plan."""
        return self.mode in ("hard", "soft")


@dataclass(frozen=True)
class Question:
    """A scenario resolved against its card: what is asked, with every default filled in.

    Parameters
    ----------
    name
        Name of the scenario.
    text
        The question in words.
    case
        Where the base case stands.
    levels
        The objective, most important first.
    priced
        Whether the one level is a priced sum.
    """

    name: str
    text: str
    model: str
    case: Path
    levels: tuple[LevelWords, ...]
    rules: Mapping[str, Setting]
    parameters: Mapping[str, float | str | None]
    changes: tuple[Change, ...]
    limits: Limits
    priced: bool = False
    allow_waiting_to_save: bool = False
