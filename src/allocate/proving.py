"""What the bound of a level rests on: counted again from the question, not taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocate.asked import Asked
from allocate.core.forms import Form, levels_of
from allocate.core.outcome import LevelOutcome
from allocate.core.priced import priced
from allocate.core.program import Program
from allocate.price_list import PriceList

ARITHMETIC, PRICES, WORD = "arithmetic", "prices", "solver's word"
MEANING = {
    ARITHMETIC: "each package at its cheapest option: the review counts the same",
    PRICES: (
        "each package at its cheapest option where what is scarce has a price, less what there is "
        "of it at that price; or, where placed_once has prices, each provider with the packages "
        "that fit and earn most beyond what they cost: the review counts the same, and lifts it "
        "to the next value that the level can have; `allocate check FOLDER --bounds` counts it "
        "once more"
    ),
    WORD: "the bound rests on the solver's search tree, which is not kept",
    "two stages": (
        "prices are on the rows of each possible winter and on those of bookings, by their number "
        "in the program; `allocate check FOLDER --bounds` adds them up again in whole numbers"
    ),
    "proven": "what the prices given here prove without the solver; if none, what arithmetic does",
    "scale": "prices are whole numbers over this, in units of the level for one step of a row",
    "prices": (
        "by rule: what the row is about, then its price; a step is a minute, a person or a "
        "referral, in within_budget a 365th of a penny, in leads_per_area leading"
    ),
}


@dataclass(frozen=True)
class Ground:
    """What a bound rests on.

    Parameters
    ----------
    proof
        ``arithmetic``, ``prices`` or ``solver's word``; empty where there is no bound.
    proven
        What the prices prove; with none, what arithmetic does.
    prices
        By rule and row.
    """

    proof: str
    proven: Fraction
    prices: PriceList


def ground(
    asked: Asked,
    program: Form,
    number: int,
    reached: LevelOutcome | None,
    least: Fraction,
) -> Ground:
    """Count what proves a level's bound.

    Parameters
    ----------
    asked
        The question.
    program, number
        Its program, and which of the levels it is.
    reached
        What the engine claims of the level; None where it was not reached.
    least
        What arithmetic proves of it.
    """
    level = levels_of(program)[number]
    if reached is None or reached.bound is None:
        return Ground("", least, PriceList())
    bound = reached.bound / level.per
    if least >= bound:
        return Ground(ARITHMETIC, least, PriceList())
    named = reached.prices
    if reached.proof is not None and isinstance(program, Program):
        named = priced(program, level, reached.proof)
    if named is not None:
        words = asked.question.levels[number]
        proven = asked.model.least_at(asked.instance, words, named)
        if proven is not None and proven > least:
            return Ground(PRICES if proven >= bound else WORD, proven, named)
    return Ground(WORD, least, PriceList())
