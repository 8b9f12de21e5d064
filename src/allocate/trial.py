"""A question with its hard rules bent: asked again and again which of them can hold together.

The program is built once, with a column for every way to break a hard rule or a pin. Keeping a
rule closes its columns; dropping it leaves them open. So every trial is the same program between
other bounds.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast

import numpy as np

from allocate.asked import Asked
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Problem, Watch
from allocate.core.program import Flat, Short
from allocate.core.worker import borrowed
from allocate.errors import ReviewFailed
from allocate.study.scenario import Limits
from allocate.units import Ints

Name = tuple[str, str]  # a rule's id, and whom or what it is about
WATCHED = "rules in conflict"
TRIAL_SECONDS = 0.1  # of a search's time, the most that one solve of it may take


@dataclass(frozen=True)
class Part:
    """A hard rule for some of those that it is about.

    Parameters
    ----------
    rule
        Its id, ``pins`` for what a person has decided.
    label
        Whom it is about, as a reader is told.
    names
        Each of them.
    """

    rule: str
    label: str
    names: frozenset[Name]


def columns_by_name(shorts: Iterable[Short]) -> dict[Name, Ints]:
    """Columns that break each rule for each of those that it is about."""
    listed: dict[Name, list[Ints]] = defaultdict(list)
    for short in shorts:
        about = np.asarray(short.about, dtype=object)
        order = np.argsort(about, kind="stable")
        ends = np.flatnonzero(about[order][1:] != about[order][:-1]) + 1
        for places in np.split(order, ends):
            if len(places):
                listed[short.rule, str(about[places[0]])].append(short.col[places])
    return {name: np.concatenate(columns) for name, columns in listed.items()}


@dataclass
class Clockwork:
    """How long a search may go on, and how far it came.

    Parameters
    ----------
    seconds
        For all of it.
    run
        Limits of the question, for the seed.
    module, method
        The solver.
    watch
        Progress out, the wish to stop in.
    solves, timed
        Solves so far, and whether the clock ended one of them.
    """

    seconds: float
    run: Limits
    module: str
    method: str
    watch: Watch
    began: float = field(default_factory=time.monotonic)
    solves: int = 0
    timed: bool = False

    @property
    def spent(self) -> float:
        """Seconds gone."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds to go, nought where a person asked to stop."""
        return 0.0 if self.watch.stop else self.seconds - self.spent


class Trial:
    """Which rules can hold together, by solving without an objective.

    What was found stays known: a plan shows that whatever it does not break can hold together, and
    a set that is impossible makes every larger one so.

    Parameters
    ----------
    asked
        The question.
    clockwork
        Limits and counts.
    """

    def __init__(self, asked: Asked, clockwork: Clockwork) -> None:
        self.asked, self.clockwork = asked, clockwork
        self.draft = cast(Any, asked.model.formulate(asked.instance.bent(soft=False), []))
        self.flat: Flat = self.draft.program.flat()  # what is bent has one stage
        self.columns = columns_by_name(self.draft.shorts)
        self.broken_by: list[frozenset[Name]] = []
        self.impossible_sets: list[frozenset[Name]] = []

    def possible(self, names: Iterable[Name]) -> bool | None:
        """Whether a plan keeps these rules, all others dropped; None where that is not known.

        Parameters
        ----------
        names
            What has to be kept.

        Raises
        ------
        ReviewFailed
            Where the review does not confirm a plan.
        """
        kept = frozenset(names)
        if any(not broken & kept for broken in self.broken_by):
            return True
        if any(known <= kept for known in self.impossible_sets):
            return False
        seconds = min(self.clockwork.left, max(1.0, self.clockwork.seconds * TRIAL_SECONDS))
        if seconds <= 0:
            self.clockwork.timed = True
            return None
        return self._solved(kept, seconds)

    def _solved(self, kept: frozenset[Name], seconds: float) -> bool | None:
        """Ask the solver for any plan."""
        upper = self.flat.upper.copy()
        upper[gathered(self.columns, kept)] = 0
        flat = replace(self.flat, upper=upper)
        clockwork, watch = self.clockwork, self.clockwork.watch
        problem = Problem(flat, np.zeros_like(upper), None, seconds, 0.0, clockwork.run.seed)
        clockwork.solves += 1
        watch.report(WATCHED, None, None, clockwork.spent)
        with borrowed(clockwork.module) as worker:
            answer = worker.solve(problem, lambda *_: None, lambda: watch.stop)
        if answer.values is not None and flat.holds(answer.values):
            broken = frozenset(self.breaks(self.draft, answer.values))
            if wrong := broken & kept:
                listed = ", ".join(" ".join(name) for name in sorted(wrong))
                raise ReviewFailed(f"The review finds a plan short of what it keeps: {listed}")
            self.broken_by.append(broken)
            return True
        if answer.why == IMPOSSIBLE:
            self.impossible_sets.append(kept)
            return False
        clockwork.timed |= answer.why != CLOSED
        return None

    def breaks(self, draft: Any, values: Ints) -> Mapping[Name, Fraction]:
        """What a plan breaks, and by how much, counted by the review."""
        model, instance = self.asked.model, self.asked.instance
        return model.broken(instance, model.read_solution(draft, values))

    def parts(self, told: Callable[[Name], str]) -> list[Part]:
        """Split all that may be broken into parts, by what a reader is told of each name."""
        grouped: dict[Name, set[Name]] = defaultdict(set)
        for name in self.columns:
            grouped[name[0], told(name)].add(name)
        return [Part(rule, label, frozenset(names)) for (rule, label), names in grouped.items()]


def gathered(columns: Mapping[Name, Ints], names: Iterable[Name]) -> Ints:
    """Columns of several names together."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(columns[name] for name in names)])


def together(parts: Sequence[Part]) -> frozenset[Name]:
    """All names of some parts."""
    return frozenset().union(*(part.names for part in parts))
