"""The prices of a proof, named by the rule and row that each is on; and put back by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import gcd

import numpy as np

from allocate.core.outcome import Proof
from allocate.core.program import Labels, Level, Program
from allocate.core.reduced import reduce
from allocate.price_list import PriceList
from allocate.units import Floats, Ints


def priced(program: Program, level: Level, proof: Proof) -> PriceList | None:
    """Name the prices of a proof.

    Parameters
    ----------
    program
        Whose rows and columns are priced.
    level
        Of it, that the proof is about.
    proof
        Prices in steps of the level's cost as an engine saw it.

    Returns
    -------
    PriceList or None
        Only prices that are not nought, in units of the level, exactly. None where one of them is
        on a row without a name of its own, such as one that keeps an earlier level.
    """
    reduced = reduce(program, level)
    steps, per = reduced.step * level.per.denominator, proof.scale * level.per.numerator
    # What was taken out of the cost of a group's columns is what the group pays besides.
    paid = proof.group_price * steps + reduced.taken[proof.group] * proof.scale * (
        level.per.denominator
    )
    found = [
        *_named(_families(program), proof.row, proof.price * steps),
        *_named(_columns(program, program.priced_as), proof.alternative, proof.margin * steps),
        *_named(_columns(program, program.priced_as), proof.grower, proof.growth * steps),
        *_named(_families(program), program.group_rows()[proof.group], paid),
        *_named(_columns(program, program.chosen_as), proof.led, proof.led_price * steps),
    ]
    rows: dict[str, dict[tuple[str, ...], int]] = {}
    for rule, labels, price in found:
        rows.setdefault(rule, {})[labels] = price
    # A row without a name is not found; of two with one name, one has replaced the other.
    prices = (proof.price, proof.margin, proof.growth, paid, proof.led_price)
    wanted = sum(np.count_nonzero(each) for each in prices)
    named = sum(len(held) for held in rows.values())
    if not len(found) == named == wanted:
        return None
    common = gcd(per, *(price for held in rows.values() for price in held.values()))
    least = {
        rule: {labels: price // common for labels, price in held.items()}
        for rule, held in rows.items()
    }
    return PriceList(per // common, least)


def put_back(program: Program, prices: PriceList) -> tuple[Floats, Floats]:
    """Put prices on the rows and columns that have their names.

    Those that the program does not have are dropped.

    Parameters
    ----------
    program
        It may be another than the one that the prices were named in.
    prices
        By rule and by what the row is about.

    Returns
    -------
    tuple
        Prices of rows, (rows,), and of columns, (columns,), in the unit of the prices, rounded.
    """
    rows = np.zeros(sum(family.size for family in program.families))
    columns = np.zeros(program.size)
    for places, found in (
        (_families(program), rows),
        (_columns(program, program.priced_as), columns),
    ):
        for place in places:
            held = prices.rows.get(place.name)
            if held and place.labels is not None:
                told = (held.get(label, 0) for label in place.labels())
                found[place.first : place.first + place.size] = [p / prices.scale for p in told]
    return rows, columns


@dataclass(frozen=True)
class _Place:
    """Rows or columns, one after the other, that have one name, and what each is about."""

    name: str
    first: int
    size: int
    labels: Labels | None


def _families(program: Program) -> Iterator[_Place]:
    first = 0
    for family in program.families:
        yield _Place(family.name, first, family.size, family.labels)
        first += family.size


def _columns(program: Program, rules: Mapping[str, str]) -> Iterator[_Place]:
    """Blocks of columns whose prices stand for those of a rule."""
    for block, rule in rules.items():
        at = program.names[block]
        yield _Place(rule, at.start, at.stop - at.start, program.labels[block])


def _named(
    places: Iterator[_Place], at: Ints, prices: Ints
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Prices other than nought of rows or columns that have a name."""
    for place in places:
        here = (at >= place.first) & (at < place.first + place.size) & (prices != 0)
        if here.any() and place.labels is not None:
            told = place.labels()
            for position, price in zip(at[here].tolist(), prices[here].tolist(), strict=True):
                yield place.name, told[position - place.first], price
