"""Inputs that may decide an award or the lots that are drawn, each at several values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from allocate.asked import Asked
from allocate.inputs import Floors, Point, with_changes, with_parameter
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.study.scenario import Change, Question

DEARER = (1.01, 1.02, 1.05, 1.1)
PRICES = ("price_pounds_per_year", "day_rate_pounds_per_hour", "night_rate_pounds")
BALANCE = (-0.05, 0.05)  # of an equal lot
COSTS = (0.5, 2.0)
ASKS = (0.9, 1.1)
LOT = "lot {}"  # what the places of a lot are pinned to


def points(asked: Asked, solution: Solution) -> list[Point]:
    """List the inputs of a question, each at values on both sides of what it is now."""
    instance: Instance = asked.instance
    if instance.auction is not None:
        return list(_dearer(asked, solution))
    if instance.given is not None:
        return []
    return [*_balance(asked), *_cost_of_lots(asked), *_asked_for(asked)]


def _dearer(asked: Asked, solution: Solution) -> Iterator[Point]:
    """All bids of each winner dearer, the scores as the panel gave them."""
    auction, bidders = asked.instance.auction, asked.instance.bidders
    frame = asked.tables["bids"]
    for k in sorted({int(auction.bidder[b]) for b in solution.won}):
        mine = frame["bidder_id"] == bidders.ids[k]
        priced = [column for column in PRICES if frame.loc[mine, column].notna().any()]
        for factor in DEARER:
            changes = [
                Change(
                    table="bids",
                    where={"bidder_id": bidders.ids[k], column: {"minimum": 0}},
                    scale={column: factor},
                )
                for column in priced
            ]
            question = with_changes(asked.question, *changes)
            yield Point(f"prices of {bidders.ids[k]}", "1 times", factor, question)


def _balance(asked: Asked) -> Iterator[Point]:
    """How like each other lots have to be."""
    setting = asked.question.rules["balanced"]
    if not asked.instance.rules["balanced"].binds:
        return
    now = float(setting.value or 0)
    for more in BALANCE:
        value = round(now + more, 3)
        if value > 0:
            rules = {**asked.question.rules, "balanced": replace(setting, value=value)}
            other = replace(asked.question, rules=rules)
            yield Point("how far from an equal lot one may be", f"{now:g}", value, other)


def _cost_of_lots(asked: Asked) -> Iterator[Point]:
    """What it costs to let and manage one lot, where that counts."""
    if not any("administration" in level.terms for level in asked.question.levels):
        return
    now = float(asked.instance.parameters["lot_pounds_per_year"])
    for factor in COSTS:
        value = round(now * factor, 2)
        other = with_parameter(asked.question, "lot_pounds_per_year", value)
        yield Point("cost of letting and managing one lot", f"£{now:,.0f}", value, other)


def _asked_for(asked: Asked) -> Iterator[Point]:
    """What each bidder would ask for, where that counts."""
    if not any("expected_price" in level.terms for level in asked.question.levels):
        return
    column = "price_pounds_per_year"
    for bidder in dict.fromkeys(asked.tables["cell_prices"]["bidder_id"]):
        for factor in ASKS:
            change = Change(
                table="cell_prices", where={"bidder_id": bidder}, scale={column: factor}
            )
            other = with_changes(asked.question, change)
            yield Point(f"prices that {bidder} would ask", "1 times", factor, other)


def held(asked: Asked, solution: Solution, question: Question) -> Question:
    """Return a question in which the same bids win, or the same places are one lot."""
    instance: Instance = asked.instance
    if instance.auction is not None:
        return with_changes(question, *award(instance, solution))
    rows = [
        {"table": "cell-lot", "id": cell, "other_id": LOT.format(lot), "must_or_never": "must"}
        for cell, lot in zip(instance.cells.ids, solution.lot.tolist(), strict=True)
    ]
    number = question.rules["number_of_lots"]
    options = {**number.options, "minimum": solution.lots, "maximum": solution.lots}
    rules = {**question.rules, "number_of_lots": replace(number, options=options)}
    return with_changes(replace(question, rules=rules), Change(table="pins", add=rows))


def award(instance: Instance, solution: Solution) -> tuple[Change, ...]:
    """Return the change after which just the bids of an answer win."""
    auction = instance.auction
    assert auction is not None
    rows = [
        {
            "table": "lot-bid",
            "id": instance.lots[int(auction.member[b].argmax())],
            "other_id": auction.ids[b],
            "must_or_never": "must",
        }
        for b in solution.won
        if not instance.pinned.must[b]
    ]
    return (Change(table="pins", add=rows),) if rows else ()


def floors(instance: Instance) -> Floors:
    """No figure of a case of lots shows another to be at least so much."""
    return {}
