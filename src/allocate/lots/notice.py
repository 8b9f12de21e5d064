"""The published notice: weights, formula, what may be bid, tie-breaks, and which rules bind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from allocate.card import Card
from allocate.errors import Fault, nearest
from allocate.study.scenario import Setting
from allocate.tables import Tables

FORMULAS = ("lowest_over_price", "linear")
TIE_BREAKS = ("quality", "price", "fewest_bids", "drawn")
YES = ("yes", "no")
# Rules on award that a notice may publish, with the option each key sets; empty: the rule's value.
PUBLISHED = {
    "within_capacity": ("within_capacity", ""),
    "turnover_limit": ("turnover_limit", ""),
    "award_limit": ("award_limit", ""),
    "share_limit": ("share_limit", ""),
    "winners_minimum": ("winners_range", "minimum"),
    "winners_maximum": ("winners_range", "maximum"),
    "quality_floor": ("quality_floor", ""),
    "step_in": ("step_in", ""),
    "sme_share": ("sme_share", ""),
}
ALWAYS = "one_winner_per_lot"
FREE_KEYS = ("packages", "alternatives", "discounts")
MOST_RESERVES = 5  # in line for a lot
NUMBERS = {
    **{"price_weight": 100, "quality_weight": 100, "full_score": 1000, "lots_bid_for": 10_000},
    "reserves": MOST_RESERVES,
}
WHOLE = ("lots_bid_for", "reserves")
KEYS = (*NUMBERS, "score_formula", "tie_break", *FREE_KEYS, *PUBLISHED)


@dataclass(frozen=True)
class Notice:
    """What is published.

    Parameters
    ----------
    published
        Whether there is a notice.
    price_weight, quality_weight
        Per cent; both nought where the lowest price wins.
    formula
        How a price becomes points.
    full_score
        The panel's score that earns all of the weight of quality.
    packages, alternatives, discounts
        Whether each is allowed.
    lots_bid_for
        Lots that one bidder may bid for at most; nought: any number.
    tie_break
        How awards that are equally good are told apart, in order; ``drawn`` is for a person.
    reserves
        How many bids stand in reserve for each lot, one after the other.
    """

    published: bool = False
    price_weight: Fraction = Fraction()
    quality_weight: Fraction = Fraction()
    formula: str = FORMULAS[0]
    full_score: Fraction = Fraction(100)
    packages: bool = True
    alternatives: bool = True
    discounts: bool = True
    lots_bid_for: int = 0
    tie_break: tuple[str, ...] = ("drawn",)
    reserves: int = 1

    @property
    def weighs(self) -> bool:
        """Whether points decide; otherwise the lowest price does."""
        return self.price_weight + self.quality_weight > 0


def read_notice(tables: Tables) -> tuple[Notice, dict[str, tuple[str, str]], list[Fault]]:
    """Read the notice of a case.

    Returns
    -------
    tuple
        What it says; where it speaks of rules, and what it says of them, by key; and its faults.
    """
    frame = tables["notice"]
    if frame.empty:
        return Notice(), {}, []
    lines = dict(zip(frame["key"], frame.index, strict=True))
    said = {key: text.strip() for key, text in zip(frame["key"], frame["value"], strict=True)}
    faults: list[Fault] = []

    def wrong(key: str, problem: str, remedy: str) -> None:
        place = f"notice.csv {lines.get(key, '')}".strip()
        faults.append(Fault(place, f'{key} = "{said.get(key, "")}"', problem, remedy))

    for key in said:
        if key not in KEYS:
            wrong(key, f"nothing of that name is published{nearest(key, KEYS)}", _one_of(KEYS))
    numbers: dict[str, Fraction] = {}
    for key, most in NUMBERS.items():
        if key in said:
            number = _number(said[key])
            if number is None or not 0 <= number <= most:
                wrong(key, f"is no number from 0 to {most:,}", "Correct the number")
            elif key in WHOLE and number.denominator > 1:
                wrong(key, "is no whole number", "Correct the number")
            else:
                numbers[key] = number
    choices = {"score_formula": FORMULAS, **dict.fromkeys(FREE_KEYS, YES)}
    for key, known in choices.items():
        if key in said and said[key].casefold() not in known:
            wrong(key, "is none of what may stand there", _one_of(known))
    ways = tuple(word.strip() for word in said.get("tie_break", "drawn").split(";"))
    if not set(ways) <= set(TIE_BREAKS):
        wrong("tie_break", "names a way that is not known", f"{_one_of(TIE_BREAKS)}, in order")
    price, quality = (numbers.get(f"{what}_weight", Fraction()) for what in ("price", "quality"))
    if price + quality not in (0, 100):
        place = "price_weight" if "price_weight" in said else "quality_weight"
        remedy = "Publish weights that come to 100, or none where the lowest price wins"
        wrong(place, f"price and quality weigh {float(price + quality):g} together", remedy)
    if quality and not numbers.get("full_score", Fraction(100)):
        wrong("full_score", "is nought, so no score can be weighed", "Give the highest score")
    if faults:
        return Notice(True), {}, faults
    free = {key: said.get(key, "no").casefold() == "yes" for key in FREE_KEYS}
    notice = Notice(
        published=True,
        price_weight=price,
        quality_weight=quality,
        formula=said.get("score_formula", FORMULAS[0]).casefold(),
        full_score=numbers.get("full_score", Fraction(100)),
        packages=free["packages"],
        alternatives=free["alternatives"],
        discounts=free["discounts"],
        lots_bid_for=int(numbers.get("lots_bid_for", 0)),
        tie_break=ways,
        reserves=int(numbers.get("reserves", 1)),
    )
    return notice, {key: at for key, at in stands(tables).items() if key in PUBLISHED}, []


def stands(tables: Tables) -> dict[str, tuple[str, str]]:
    """Where each key of a notice stands, and what it says."""
    frame = tables["notice"]
    rows = zip(frame["key"], frame.index, frame["value"], strict=True)
    return {key: (f"notice.csv {line}", text.strip()) for key, line, text in rows}


def settings_of(
    rules: Mapping[str, Setting],
    published: Mapping[str, tuple[str, str]],
    card: Card,
    award: tuple[str, ...],
) -> tuple[dict[str, Setting], list[Fault]]:
    """Return the rules as a notice has them: what it publishes binds, all else only reports.

    Parameters
    ----------
    rules
        As the scenario has them.
    published
        Where the notice speaks of rules, and what it says, by its key.
    card
        Whose bounds values keep.
    award
        Rules on award.
    """
    found = dict(rules)
    faults = []
    for rule in award:
        mode = "hard" if rule == ALWAYS else rules[rule].mode
        found[rule] = replace(rules[rule], mode="off" if mode == "off" else "report")
    found[ALWAYS] = replace(rules[ALWAYS], mode="hard")
    for key, (place, text) in published.items():
        rule, option = PUBLISHED[key]
        words = card.rules[rule]
        known = words.options[option] if option else words.quantity
        setting = replace(found[rule], mode="hard")
        if rule == "within_capacity":
            if text.casefold() not in YES:
                problem, remedy = "is neither Yes nor No", "Write Yes, or take the line out"
                faults.append(Fault(place, f'{key} = "{text}"', problem, remedy))
            found[rule] = setting if text.casefold() == "yes" else found[rule]
            continue
        number = _number(text)
        value: Any = text if words.enum and not option else float(number or 0)
        fault = "is no number" if number is None and not words.enum else known.fault(value)
        if fault:
            faults.append(Fault(place, f'{key} = "{text}"', fault, "Correct the notice"))
            continue
        if option:
            options = {**found[rule].options, option: int(value)}
            found[rule] = replace(setting, options=options)
        else:
            found[rule] = replace(setting, value=value)
    return found, faults


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text.removesuffix("%").strip())
    except (ValueError, ZeroDivisionError):
        return None


def _one_of(known: tuple[str, ...]) -> str:
    return f"Use one of: {', '.join(known)}"
