"""Ways out of what cannot all be met: the least that has to give, and what the plan then costs.

No way relaxes a law or undoes what a person has decided. Each is a plan that keeps every other hard
rule, found level by level: first as little as possible gives, then the question's own objective.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from math import lcm
from typing import Any

import numpy as np

from allocate.core.levels import solve_levels
from allocate.core.outcome import CLOSED, IMPOSSIBLE, Outcome
from allocate.core.program import Level, Short
from allocate.errors import ReviewFailed
from allocate.study.scenario import LevelWords
from allocate.trial import Clockwork, Name, Part, Trial, columns_by_name, gathered
from allocate.units import Ints
from allocate.verdict import Review

TRIAL_SHARE = 0.3  # of the time left, to find out which rules have to give together
LEVEL_SHARE = 0.7  # of a way's time left for each level: what has to give comes first
STAY = ("law", "decision")
SHOWN = {"waiting", "changes", "cash"}


@dataclass(frozen=True)
class Way:
    """A way out.

    Parameters
    ----------
    rules
        What gives, all other hard rules kept.
    gives
        By how much each rule gives for each of those it is about, in the rule's unit; empty where
        the time ran out before a plan was found.
    amount, bound
        Sum over one rule, and what is proven to be needed at least; with several rules the sum is
        of points at the rules' prices.
    solution, review
        The plan then, and what the review counts of it; None without one.
    proven
        Whether every level of the question is proven to the gap asked for.
    sure
        Terms of the levels that are proven, up to the first that is not.
    doubtful
        Whether the model finds the plan a way that nobody should take first.
    begun
        Whether there was time to look at it at all.
    """

    rules: tuple[str, ...]
    gives: Mapping[Name, Fraction]
    amount: Fraction | None = None
    bound: Fraction | None = None
    solution: Any = None
    review: Review | None = None
    proven: bool = False
    sure: tuple[str, ...] = ()
    doubtful: bool = False
    begun: bool = True

    @property
    def least(self) -> bool:
        """Whether no less is enough, for certain."""
        return self.amount is not None and self.amount == self.bound


@dataclass(frozen=True)
class WaysOut:
    """What would help, and what was tried in vain.

    Parameters
    ----------
    ways
        Simplest first.
    lawful
        Whether there is a plan at all that breaks no law and no pin; None where not known.
    in_vain
        Rules that may give, and of which it is proven that they alone do not help.
    """

    ways: tuple[Way, ...]
    lawful: bool | None
    in_vain: tuple[str, ...]


def find_ways_out(trial: Trial, parts: Sequence[Part]) -> WaysOut:
    """Find the least relaxation of each rule in a conflict, and the plan under it.

    Parameters
    ----------
    trial
        The question with its rules bent.
    parts
        What is in conflict.

    Returns
    -------
    WaysOut
        The ways, those in which fewest rules give first, then by the question's own levels; a
        doubtful one comes after all that are not.
    """
    card = trial.asked.tables.card.rules
    may_give = [rule for rule in _rules(trial) if card[rule].kind not in STAY]
    stay = {name for name in trial.columns if name[0] not in may_give}
    clockwork = trial.clockwork
    before = clockwork.seconds
    clockwork.seconds = clockwork.spent + clockwork.left * TRIAL_SHARE
    lawful = trial.possible(stay)
    asked = dict.fromkeys(part.rule for part in parts if part.rule in may_give)
    enough: dict[str, tuple[str, ...]] = {}
    if lawful is not False:
        enough = {rule: _enough(trial, rule, may_give) for rule in asked}
    clockwork.seconds = before
    choices = list(dict.fromkeys(enough.values()))
    ways = _Relaxed(trial).ways(choices) if choices else []
    helps = {way.rules for way in ways}
    in_vain = [rule for rule, rules in enough.items() if rules != (rule,) or rules not in helps]
    return WaysOut(tuple(sorted(ways, key=_rank)), lawful, tuple(in_vain))


def _rules(trial: Trial) -> list[str]:
    """Rules that are hard in this question, in the card's order."""
    hard = {rule for rule, _ in trial.columns}
    return [rule for rule in trial.asked.tables.card.rules if rule in hard]


def _rank(way: Way) -> tuple[bool, bool, int, tuple[Fraction, ...]]:
    """Order by how few rules give, then as the question does; what is doubtful or open is last."""
    levels = way.review.levels if way.review else ()
    return way.review is None, way.doubtful, len(way.rules), levels


def _enough(trial: Trial, rule: str, may_give: Sequence[str]) -> tuple[str, ...]:
    """Return a rule if it can help alone, else as few rules as do, it among them if it helps."""

    def possible(giving: Sequence[str]) -> bool | None:
        return trial.possible(name for name in trial.columns if name[0] not in giving)

    if possible([rule]) is not False:
        return (rule,)
    given = list(may_give)
    for other in [*(one for one in may_give if one != rule), rule]:
        fewer = [one for one in given if one != other]
        if possible(fewer):
            given = fewer
    return tuple(given)


class _Relaxed:
    """The question with soft rules as asked and hard ones bent, solved for each way."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.asked = trial, trial.asked
        self.levels = _shown(trial.asked.question.levels)
        bent = self.asked.instance.bent(soft=True)
        self.draft: Any = self.asked.model.formulate(bent, self.levels)
        self.hard = [s for s in self.draft.shorts if _is_hard(trial, s.rule)]
        self.columns = columns_by_name(self.hard)

    def ways(self, choices: Sequence[tuple[str, ...]]) -> list[Way]:
        """Work each choice out, the time left shared between them."""
        clockwork: Clockwork = self.trial.clockwork
        ways = []
        for number, rules in enumerate(choices):
            seconds = clockwork.left / (len(choices) - number)
            if seconds <= 0:
                clockwork.timed = True
                ways.append(Way(rules, {}, begun=False))
            elif (way := self._way(rules, seconds)) is not None:
                ways.append(way)
        return ways

    def _way(self, rules: tuple[str, ...], seconds: float) -> Way | None:
        """Let some rules give as little as possible; None where that is not enough."""
        clockwork = self.trial.clockwork
        program, weights = self.draft.program, self._weights(rules)
        _, upper, _ = program.bounds()
        kept = [name for name in self.columns if name[0] not in rules]
        upper[gathered(self.columns, kept)] = 0
        gives = _giving(self.hard, weights, program.size)
        clockwork.solves += 1
        outcome = solve_levels(
            program.between(upper, [gives, *program.levels]),
            clockwork.module,
            seconds=seconds,
            gap=clockwork.run.gap,
            seed=clockwork.run.seed,
            watch=clockwork.watch,
            method=clockwork.method,
            level_share=LEVEL_SHARE,
            resting=self._resting(rules),
        )
        clockwork.timed |= outcome.why != CLOSED or any(level.timed for level in outcome.levels)
        if outcome.values is None:
            return None if outcome.why == IMPOSSIBLE else Way(rules, {})
        solution = self.asked.model.read_solution(self.draft, outcome.values)
        broken = self.asked.model.broken(self.asked.instance, solution)
        if wrong := [name for name in broken if name[0] not in rules]:
            listed = ", ".join(" ".join(name) for name in wrong)
            raise ReviewFailed(f"The review finds a way out short of what it keeps: {listed}")
        first = outcome.levels[0]
        return Way(
            rules,
            broken,
            sum((weights[rule] * by for (rule, _), by in broken.items()), Fraction()),
            None if first.bound is None else Fraction(first.bound) / gives.per,
            solution,
            self.asked.model.review(self.asked.instance, solution, self.asked.question.levels),
            outcome.why == CLOSED,
            self._sure(outcome),
            self.asked.model.doubtful(self.asked.instance, solution),
        )

    def _resting(self, rules: Sequence[str]) -> Ints:
        """Columns of rules that open a great many plans: what need not give rests at first."""
        many = set(rules) & set(self.asked.model.LOOKED_AT_LAST)
        return gathered(self.columns, [name for name in self.columns if name[0] in many])

    def _sure(self, outcome: Outcome) -> tuple[str, ...]:
        """Terms proven with all that comes before them; none where less might give."""
        closed = list(takewhile(lambda level: level.why == CLOSED, outcome.levels))
        sure = zip(self.levels, closed[1:], strict=False)
        return tuple(term for words, _ in sure for term in words.terms)

    def _weights(self, rules: Sequence[str]) -> dict[str, Fraction]:
        """What a unit of each rule counts: one, or points where several have to be added up."""
        if len(rules) == 1:
            return {rules[0]: Fraction(1)}
        settings = self.asked.instance.rules
        return {rule: Fraction(str(settings[rule].price)) or Fraction(1) for rule in rules}


def _shown(levels: Sequence[LevelWords]) -> Sequence[LevelWords]:
    """Return the levels up to the last that is about people or money: a way out says no more."""
    last = max((n for n, level in enumerate(levels, 1) if SHOWN & level.terms.keys()), default=1)
    return levels[:last]


def _is_hard(trial: Trial, rule: str) -> bool:
    return rule == "pins" or trial.asked.instance.rules[rule].mode == "hard"


def _giving(shorts: Sequence[Short], weights: Mapping[str, Fraction], size: int) -> Level:
    """Sum what some rules give, as the level that comes before all others."""
    counted = [short for short in shorts if short.rule in weights]
    each = [weights[short.rule] / short.per for short in counted]
    per = lcm(*(weight.denominator for weight in each))
    coef: Ints = np.zeros(size, dtype=np.int64)
    for short, weight in zip(counted, each, strict=True):
        np.add.at(coef, short.col, short.coef * int(weight * per))
    return Level("what has to give", coef, Fraction(per))
