"""Which models and methods there are; the only place that chooses by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import pandas as pd

from allocate.choices import Chosen, Forcing, Kind, Options
from allocate.core.again import Again
from allocate.core.forms import Form
from allocate.core.program import Short
from allocate.core.two_stage import TwoStage
from allocate.disclosure import Disclosed
from allocate.errors import BadInput, Fault
from allocate.explanation import Explanation
from allocate.figure import Figure
from allocate.inputs import Floors, Point
from allocate.parts import Part, Steps
from allocate.price_list import PriceList
from allocate.public.answer import PublicAnswer
from allocate.ruled import Ruled
from allocate.shocks import Shock
from allocate.study.scenario import LevelWords, Question
from allocate.tables import Tables
from allocate.units import Ints
from allocate.verdict import Review

METHODS = {
    "allocate": "allocate.core.engine",
    "highs": "allocate.core.highs",
    "scip": "allocate.core.scip",
    "cp-sat": "allocate.core.cpsat",
    "pulp": "allocate.core.pulp",
}

# Methods that know whole columns only; of two stages the second has people in parts.
WHOLE_ONLY = ("cp-sat",)

FAMILIES = {
    "gap": "allocate.public.gap",
    "cfl": "allocate.public.cfl",
    "wdp": "allocate.public.wdp",
    "pmedcap": "allocate.public.pmedcap",
    "districting": "allocate.public.districting",
}


class Draft(Protocol):
    """A program with what is needed to read a plan out of it."""

    program: Form
    shorts: Sequence[Short]


class Model(Protocol):
    """What each model's package offers, by these names."""

    LOOKED_AT_LAST: Sequence[str]  # rules without which a trial takes far longer
    FREE_TO_CHANGE: Sequence[str]  # rules that a study may set otherwise
    # Answer tables that say what was chosen, and columns needed; none where that is of no help.
    PLAN: Mapping[str, Sequence[str]]
    STEPS: Steps  # what may become of each kind of part from one answer to the next, in words
    UNITS: Mapping[str, str]  # of what is counted of parts beside the terms

    CHOICES: Mapping[str, Kind]  # what a plan decides, kind by kind

    def build(self, tables: Tables, question: Question) -> Any:
        """Build the instance."""

    def formulate(self, instance: Any, levels: Sequence[LevelWords]) -> Draft:
        """Build the program."""

    def read_solution(self, draft: Any, values: Ints, flows: Any = None) -> Any:
        """Read the plan; ``flows`` are there where the program has two stages."""

    def read_plan(self, instance: Any, tables: Mapping[str, pd.DataFrame], where: str) -> Any:
        """Read the plan back from its answer tables."""

    def chosen_columns(self, draft: Any, tables: Mapping[str, pd.DataFrame]) -> Ints:
        """Find the columns of what an earlier answer chose, as far as the program has them.

        Asked only of a model whose ``PLAN`` names tables.
        """

    def find(self, instance: Any, kind: str, label: str) -> str:
        """Return the id of a thing of a kind of choices, by its id or name."""

    def chosen(self, instance: Any, solution: Any, kind: str) -> Chosen:
        """Say what a plan chooses for each thing of a kind, by its id."""

    def options(self, draft: Any, solution: Any) -> Options:
        """Find the columns that choose, and which of them a plan has."""

    def force(self, answered: Any, kind: str, label: str, option: str) -> Forcing:
        """Say how a choice is forced into an answer, or what forbids it."""

    def no_study(self, instance: Any, study: str) -> tuple[str, str] | None:
        """Say why a study has no meaning for a question, and what to ask; None where it has one."""

    def points(self, asked: Any, solution: Any) -> list[Point]:
        """List inputs that may decide a plan, each at several values."""

    def held(self, asked: Any, solution: Any, question: Question) -> Question:
        """Return a question in which what a plan chooses stays chosen."""

    def floors(self, instance: Any) -> Floors:
        """Say what the case itself shows uncertain figures to be at least."""

    def explain(self, variants: Any, kind: str, label: str) -> Explanation:
        """Say why the answer is as it is for one thing that it decides."""

    def review(self, instance: Any, solution: Any, levels: Sequence[LevelWords]) -> Review:
        """Check the plan without the program."""

    def least_at(self, instance: Any, level: LevelWords, prices: PriceList) -> Fraction | None:
        """Return the least that prices prove a level to come to; None where they cannot be."""

    def answer_tables(self, instance: Any, solution: Any) -> dict[str, pd.DataFrame]:
        """Return the answer as tables, by file name without its ending."""

    def disclosed(self, instance: Any, solution: Any) -> Disclosed:
        """Say what of a plan may be published."""

    def price_faults(self, instance: Any, question: Question) -> list[Fault]:
        """Find prices that make doing harm worth while."""

    def summarise(
        self, instance: Any, solution: Any, review: Review
    ) -> list[tuple[str, list[str]]]:
        """Say the answer in plain words: sections of a title and lines."""

    def parts(self, instance: Any, solution: Any, review: Review) -> Iterable[Part]:
        """Take a plan apart: of each term its parts add up to what the review counts."""

    def figures(self, instance: Any) -> Sequence[Figure]:
        """Return the totals of a case that a reader knows, by name."""

    def overview(self, instance: Any, tables: Tables, found: Sequence[Figure]) -> list[str]:
        """Write these totals as lines."""

    def broken(self, instance: Any, solution: Any) -> dict[tuple[str, str], Fraction]:
        """Name the hard rules and pins that a plan does not keep, and whom they are about."""

    def told(self, instance: Any, rule: str, about: str) -> str:
        """Name the group that one of those a rule is about belongs to."""

    def conflict_words(
        self, instance: Any, rule: str, about: Sequence[str]
    ) -> tuple[Mapping[str, Any], str]:
        """Say what a rule asks and what there is: numbers by name, and a sentence."""

    def falls_short(self, instance: Any, rule: str, about: Sequence[str]) -> list[str]:
        """Of whom a rule asks more than there is, looked at alone."""

    def heart_words(
        self, instance: Any, members: Collection[tuple[str, str]], *, smallest: bool
    ) -> str:
        """Say which rules of a conflict fall short by themselves; empty if none or all do."""

    def also_short(self, instance: Any, members: Collection[tuple[str, str]]) -> list[str]:
        """Say which other hard rules fall short by themselves."""

    def way_out_words(
        self, instance: Any, solution: Any, rule: str, gives: Sequence[tuple[str, Fraction]]
    ) -> str:
        """Say what gives in a way out."""

    def doubtful(self, instance: Any, solution: Any) -> bool:
        """Whether a way out is one that nobody should take first."""

    def plan_words(
        self, instance: Any, solution: Any, review: Review, proven: Collection[str]
    ) -> str:
        """Say in one sentence what a plan means for people and money."""


class Public(Protocol):
    """What the module of a family of public instances offers.

    ``OPTIONS``, where it is there, names what may be asked of its instances besides.
    """

    def solve_file(self, path: Path, seconds: float, seed: int, **asked: Any) -> PublicAnswer:
        """Read an instance, solve it, and recount the answer."""


def model(name: str) -> Model:
    """Return a model's package, loaded when first asked for."""
    return cast(Model, import_module(f"allocate.{name}.model"))


def why_none(model: Model, instance: Any) -> list[str]:
    """Say why there is no plan, where a model knows without looking at its rules one by one."""
    say = getattr(model, "why_none", None)
    return [] if say is None else cast(list[str], say(instance))


def drawings(model: Model, instance: Any, solution: Any) -> dict[str, str]:
    """Return pictures of an answer by file name; none from a model that draws none."""
    draw = getattr(model, "drawings", None)
    return {} if draw is None else cast(dict[str, str], draw(instance, solution))


def put_to_test(model: Model, instance: Any, solution: Any, again: Again, **asked: Any) -> Any:
    """Put a plan to the test: sections and tables; None from a model that has no test for plans."""
    test = getattr(model, "put_to_test", None)
    return None if test is None else test(instance, solution, again, **asked)


def firm(answered: Any, variants: Callable[[float], Any]) -> list[str]:
    """Say how far figures that an answer rests on can fall; nothing from a model that cannot."""
    say = getattr(answered.asked.model, "firm", None)
    return [] if say is None else cast(list[str], say(answered, variants))


def shocks(asked: Any, solution: Any) -> list[Shock]:
    """List what may happen to a plan; nothing from a model whose events are told otherwise."""
    known = getattr(asked.model, "shocks", None)
    return [] if known is None else cast(list[Shock], known(asked, solution))


def study(instance: Ruled) -> Any:
    """Return the module that answers a question of several plans; None where one is asked for."""
    return import_module(instance.answered_by) if instance.answered_by else None


def follow_up(instance: Ruled) -> Any:
    """Return the module that asks more of an answer; None where nothing more is asked."""
    return import_module(instance.followed_by) if instance.followed_by else None


def method_module(name: str) -> str:
    """Return the solver module of a method.

    Raises
    ------
    BadInput
        Where there is no such method.
    """
    if name not in METHODS:
        raise _unknown("method", name, METHODS)
    return METHODS[name]


def check_method(name: str, program: Form) -> None:
    """Refuse a method that cannot solve programs of a form.

    Raises
    ------
    BadInput
        Where it knows whole columns only, and the program has others.
    """
    if isinstance(program, TwoStage) and name in WHOLE_ONLY:
        others = [method for method in METHODS if method not in WHOLE_ONLY]
        problem = "decides in whole numbers only, and people in a possible winter are none"
        remedy = f"Use one of: {', '.join(others)}"
        raise BadInput("the command line", [Fault("--method", f'"{name}"', problem, remedy)])


def public_family(name: str) -> Public:
    """Return the module of a family of public instances.

    Raises
    ------
    BadInput
        Where there is no such family.
    """
    if name not in FAMILIES:
        raise _unknown("family", name, FAMILIES)
    return cast(Public, import_module(FAMILIES[name]))


def _unknown(what: str, name: str, known: Mapping[str, str]) -> BadInput:
    fault = Fault.unknown(f"--{what}", f'"{name}"', what, name, known)
    return BadInput("the command line", [fault])
