"""The lots program: columns, rules and terms over arrays.

The algebra is in ``models/lots/formulation.md``; each rule is one function of ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite, lcm

import numpy as np

from allocate.core.parted import Parted
from allocate.core.program import MOST, Program, Short
from allocate.errors import BadInput, Fault
from allocate.labels import Bools
from allocate.lots.candidates import Candidates, build_candidates, distances, partition
from allocate.lots.instance import Instance
from allocate.study.scenario import LevelWords
from allocate.units import Ints

Parts = tuple[tuple[Ints, Ints], ...]  # columns, and what each counts for in steps


@dataclass
class Draft:
    """A program under construction, with the columns that rules share.

    Parameters
    ----------
    instance, program
        What is asked, and what is being built; a partition where there are too many places to list
        the lots of.
    candidates
        Lots that may be drawn.
    lot
        Column of each of them, (N,).
    win
        Column of each bid, (B,); none without bids.
    shorts
        Columns that count what rules are short by.
    """

    instance: Instance
    program: Program
    candidates: Candidates
    lot: Ints
    win: Ints
    shorts: list[Short] = field(default_factory=list)

    def charge_lots(self, rule: str, per: int = 1) -> None:
        """Count each lot that a rule speaks against; a hard one has left them out."""
        steps = self.candidates.breaks[rule]
        broken = np.flatnonzero(steps)
        if not self.instance.strict(rule) and len(broken):
            about = [EVERY_LOT] * len(broken)
            self.shorts.append(Short(rule, self.lot[broken], steps[broken], per, about))


@dataclass(frozen=True)
class PartedDraft:
    """A question of so many places that lots are drawn by centres, not from a list.

    Parameters
    ----------
    instance, program
        What is asked, and its partition.
    """

    instance: Instance
    program: Parted
    shorts: tuple[Short, ...] = ()


PERSON_KM = Fraction(1000)
EVERY_LOT = "lots"  # whom rules about lots are about: a lot that is drawn has no name before


def formulate(instance: Instance, levels: Sequence[LevelWords]) -> Draft | PartedDraft:
    """Build the program of a question.

    Parameters
    ----------
    instance
        Arrays of the question.
    levels
        The objective, most important first.
    """
    from allocate.lots.rules import RULES, keep_pins

    if instance.parted:
        asked = Parted(partition(instance, instance.numbers[0]), levels[0].name, PERSON_KM)
        return PartedDraft(instance, asked)
    draft = _columns(instance, levels)
    for rule, state in RULES.items():
        if instance.rules[rule].binds:
            state(draft)
    keep_pins(draft)
    terms = _terms(draft, {term for level in levels for term in level.terms})
    for level in levels:
        _add_level(draft.program, level, terms)
    if isfinite(draft.candidates.left_out):
        per = draft.program.levels[0].per
        draft.program.left_out = int(draft.candidates.left_out * float(per) // 1)
    return draft


def _columns(instance: Instance, levels: Sequence[LevelWords]) -> Draft:
    """Add a column for each lot that may be drawn."""
    from allocate.lots.award import award_columns

    program = Program()
    found = build_candidates(instance, levels)
    labels = _Names(instance.cells.ids, found.member)
    stands = int(instance.given is not None)
    lot = program.columns("lot", len(found.number), lower=stands, labels=labels)
    program.known = lot[found.plan]
    win = award_columns(program, instance.auction)
    return Draft(instance, program, found, lot, win)


@dataclass(frozen=True)
class _Names:
    """Names lots by their cells, when asked for."""

    ids: tuple[str, ...]
    member: Bools

    def __call__(self) -> list[tuple[str, ...]]:
        return [tuple(self.ids[i] for i in np.flatnonzero(row)) for row in self.member]


def _terms(draft: Draft, wanted: set[str]) -> dict[str, tuple[Ints, Fraction]]:
    """Each term as a vector over the columns, and how many of its steps make a unit."""
    from allocate.lots.award_terms import points_parts, price_parts

    found: dict[str, tuple[int, Parts]] = {
        "price": (100, price_parts(draft)),
        "points": (1000, points_parts(draft)),
        "administration": (100, ((draft.lot, np.full_like(draft.lot, draft.instance.lot_cost)),)),
        "travel": (1000, ((draft.lot, distances(draft.instance, draft.candidates)),)),
    }
    if "expected_price" in wanted:
        asked = draft.instance.asks.cheapest(draft.candidates.member, draft.instance.cells.value)
        found["expected_price"] = (100, ((draft.lot, asked),))
    if "changes" in wanted:
        found["changes"] = (1, _changes(draft))
    size = draft.program.size
    vectors = {}
    for term, (per, parts) in found.items():
        coef = np.zeros(size, dtype=np.int64)
        for columns, amounts in parts:
            np.add.at(coef, columns, amounts)
        vectors[term] = (coef, Fraction(per))
    return vectors | {"shortfalls": _shortfalls(draft, size)}


def _changes(draft: Draft) -> Parts:
    """People of each area of now, less those in the one lot in which it lives on, if any."""
    cells, member = draft.instance.cells, draft.candidates.member
    areas, known = np.arange(len(cells.areas)), cells.area >= 0
    inside = np.zeros((len(cells.ids), len(areas)), dtype=np.int64)
    inside[np.flatnonzero(known), cells.area[known]] = cells.clients[known]
    people, held = inside.sum(axis=0), member.astype(np.int64) @ inside
    lot, area = np.nonzero(held)
    lives_on = draft.program.columns("lives_on", len(lot))
    ends = draft.program.columns("ends", len(areas))
    draft.program.require(
        "one_lot_an_area",
        "choose",
        [(area, lives_on, 1), (areas, ends, 1)],
        low=1,
        high=1,
        rows=len(areas),
    )
    draft.program.require(
        "one_area_a_lot",
        "link",
        [(lot, lives_on, 1), (np.arange(len(member)), draft.lot, -1)],
        high=0,
        rows=len(member),
    )
    return ((lives_on, people[area] - held[lot, area]), (ends, people))


def _shortfalls(draft: Draft, size: int) -> tuple[Ints, Fraction]:
    """Sum what soft rules are short by, each at its price, over one common denominator."""
    rules = draft.instance.rules
    bound = [short for short in draft.shorts if short.rule in rules]  # pins have no price
    soft = [short for short in bound if rules[short.rule].mode == "soft"]
    prices = [Fraction(str(rules[short.rule].price)) / short.per for short in soft]
    per = lcm(*(price.denominator for price in prices)) if prices else 1
    coef = np.zeros(size, dtype=np.int64)
    for short, price in zip(soft, prices, strict=True):
        np.add.at(coef, short.col, short.coef * int(price * per))
    return coef, Fraction(per)


def _add_level(
    program: Program, level: LevelWords, terms: dict[str, tuple[Ints, Fraction]]
) -> None:
    """Add a weighted sum of terms as the next level, over one common denominator."""
    weights = {term: Fraction(str(weight)) / terms[term][1] for term, weight in level.terms.items()}
    per = lcm(*(weight.denominator for weight in weights.values()))
    coef = np.zeros(program.size, dtype=np.int64)
    for term, weight in weights.items():
        if float(np.abs(terms[term][0]).max(initial=0)) * float(weight * per) * len(coef) > MOST:
            problem = "has weights or prices too fine, or too large, to be counted exactly"
            fault = Fault(f"level {level.name}", "", problem, "Use fewer decimals")
            raise BadInput("[objective]", [fault])
        coef += terms[term][0] * int(weight * per)
    program.level(level.name, coef, Fraction(per))
