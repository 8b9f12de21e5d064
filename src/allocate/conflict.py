"""What cannot all be met: the fewest named rules that stand in each other's way.

First whole rules are left out by halves until none can be spared, then the same is done inside
the rules that are left, provider by provider, area by area; last, where one person's package is
the cause, that package is found. Every set that is told has been proven impossible with all other
rules dropped, and for each of its members there is a reviewed plan that breaks no other member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allocate import registry
from allocate.asked import Asked
from allocate.core.levels import ENGINE
from allocate.core.outcome import Watch
from allocate.core.smallest import smallest
from allocate.errors import SolverFailed
from allocate.study.scenario import Limits
from allocate.trial import Clockwork, Name, Part, Trial, together
from allocate.ways_out import Way, find_ways_out

SEARCH_SHARE = 0.5  # of the time, for naming the rules; the ways out have the rest
GENERAL = "highs"
MOST_SETS = 5  # further sets are named with the first until so many are
FEW = 3  # packages that are named one by one; more are told as a group
KINDS = ("policy", "contract", "preference", "law", "decision")  # what is named by preference


@dataclass(frozen=True)
class Member:
    """One of the rules in a conflict.

    Parameters
    ----------
    part
        The rule, and whom it is about.
    needed
        Whether a plan was found that keeps all other members: without this one they can be met.
    """

    part: Part
    needed: bool


@dataclass(frozen=True)
class Conflict:
    """What cannot all be met.

    Parameters
    ----------
    sets
        Sets of rules that cannot hold together, one after the other: the second stays when the
        first is mended.
    ways
        Ways out, simplest first.
    complete
        Whether nothing else stands in the way once each set is mended.
    lawful
        Whether some plan breaks no law and no pin; None where that is not known.
    in_vain
        Rules of which it is proven that they alone do not help.
    seconds, solves, timed
        What it took, and whether the clock cut it short.
    """

    sets: tuple[tuple[Member, ...], ...]
    ways: tuple[Way, ...]
    complete: bool
    lawful: bool | None
    in_vain: tuple[str, ...]
    seconds: float
    solves: int
    timed: bool

    @property
    def smallest(self) -> bool:
        """Whether no member of any set can be spared, for certain."""
        return bool(self.sets) and all(member.needed for some in self.sets for member in some)


def find_conflict(
    asked: Asked, run: Limits, module: str, watch: Watch, method: str, seconds: float
) -> Conflict:
    """Name the rules that cannot hold together, and the cheapest ways out.

    Parameters
    ----------
    asked
        A question that a solver has called impossible.
    run, module, method, watch
        As the solver ran.
    seconds
        For all of it.

    Raises
    ------
    SolverFailed
        Where there is a plan that keeps every hard rule after all.
    ReviewFailed
        Where the review does not confirm a plan.
    """
    # Bent rules are columns that our own engine knows nothing of: the general solver is quicker.
    general = registry.method_module(GENERAL) if module == ENGINE else module
    clockwork = Clockwork(seconds * SEARCH_SHARE, run, general, method, watch)
    trial = Trial(asked, clockwork)
    sets, complete = _sets(trial)
    clockwork.seconds = seconds
    out = find_ways_out(trial, [m.part for some in sets for m in some])
    spent, solves, timed = clockwork.spent, clockwork.solves, clockwork.timed
    return Conflict(sets, out.ways, complete, out.lawful, out.in_vain, spent, solves, timed)


def _sets(trial: Trial) -> tuple[tuple[tuple[Member, ...], ...], bool]:
    """Find one set, suppose that it is mended, and look again."""
    everything = frozenset(trial.columns)
    kept = everything
    sets: list[tuple[Member, ...]] = []
    while len(sets) < MOST_SETS:
        if sets and trial.clockwork.left < trial.clockwork.seconds / 2:
            return tuple(sets), False
        possible = trial.possible(kept)
        if possible and not sets:
            problem = "calls this impossible, yet a plan keeps every hard rule"
            raise SolverFailed(f"The solver {problem}. Try another --method")
        if possible is not False:
            return tuple(sets), possible is True
        found = _set(trial, kept)
        sets.append(found)
        mended = _mended(trial, [member.part for member in found])
        if not mended:
            return tuple(sets), False
        kept -= mended
    return tuple(sets), trial.possible(kept) is True


def _mended(trial: Trial, parts: Sequence[Part]) -> frozenset[Name]:
    """What to suppose mended before looking further: whatever may give.

    How many people may be moved has a part in most conflicts: that limit stays while something
    else can be mended, so that the others are found too.
    """
    may_give = [part for part in parts if kind(trial, part.rule) not in ("law", "decision")]
    others = [part for part in may_give if part.rule not in trial.asked.model.LOOKED_AT_LAST]
    return together(others or may_give)


def _set(trial: Trial, kept: frozenset[Name]) -> tuple[Member, ...]:
    """Find an irreducible set: by rules, by groups, by single packages; then prove each member."""

    def told(name: Name) -> str:
        return trial.asked.model.told(trial.asked.instance, *name)

    def impossible(parts: Sequence[Part]) -> bool:
        return trial.possible(together(parts)) is False

    parts = _needed(trial, _split(trial, kept, lambda _: "all"), impossible)
    parts = _needed(trial, _split(trial, together(parts), told), impossible)
    for part in parts:
        others = together([other for other in parts if other is not part])
        smaller = _narrowed(trial, part, others)
        parts = [smaller if other is part else other for other in parts]
    return _proven(trial, parts)


def _needed(
    trial: Trial, parts: Sequence[Part], impossible: Callable[[Sequence[Part]], bool]
) -> list[Part]:
    """Leave out what is not needed; rules that keep trials quick are looked at last."""
    last = [part for part in parts if part.rule in trial.asked.model.LOOKED_AT_LAST]
    return smallest([part for part in parts if part not in last], impossible, last)


def _split(trial: Trial, names: frozenset[Name], told: Any) -> list[Part]:
    """Split some names into parts, those that may give and are told best first."""
    parts = [replace(part, names=part.names & names) for part in trial.parts(told)]
    parts = [part for part in parts if part.names]
    return sorted(parts, key=lambda part: KINDS.index(kind(trial, part.rule)))


def kind(trial: Trial, rule: str) -> str:
    """What sort of rule it is; a pin is a person's decision."""
    return "decision" if rule == "pins" else trial.asked.tables.card.rules[rule].kind


def _narrowed(trial: Trial, part: Part, others: frozenset[Name]) -> Part:
    """Halve a group as long as one half is enough; few are named, more stay a group."""
    names: Sequence[Name] = sorted(part.names)
    while len(names) > 1:
        half = len(names) // 2
        enough = (
            some
            for some in (names[:half], names[half:])
            if trial.possible(others | frozenset(some)) is False
        )
        smaller = next(enough, None)
        if smaller is None:
            break
        names = smaller
    if len(names) > FEW:
        return part
    return Part(part.rule, ", ".join(about for _, about in names), frozenset(names))


def _proven(trial: Trial, parts: Sequence[Part]) -> tuple[Member, ...]:
    """Say of each member whether it is needed; one that is not goes."""
    members: list[Member] = []
    left = list(parts)
    for part in parts:
        others = [other for other in left if other is not part]
        possible = trial.possible(together(others))
        if possible is False:
            left = others
        else:
            members.append(Member(part, possible is True))
    return tuple(members)
