"""What a plan of lots is made of: lots, winning bids, and rules that are short."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from allocate.lots.award_review import points_short
from allocate.lots.award_tables import discounts_by_bid
from allocate.lots.instance import Instance
from allocate.lots.review import person_metres
from allocate.lots.solution import Solution, names
from allocate.parts import GONE, NEW, SAME, Part, Steps
from allocate.units import THOUSAND
from allocate.verdict import Review

STEPS: Steps = {
    "lot": {
        NEW: "lots only in {b}",
        GONE: "lots only in {a}",
        SAME: "the same lots, but other costs or people",
    },
    "bid": {
        NEW: "bids that win only in {b}",
        GONE: "bids that win only in {a}",
        SAME: "bids that win in both, with other prices, discounts or points",
    },
}
UNITS = {  # of what is counted beside the terms
    "cells": "cells",
    "people": "people",
    "hours": "carer-hours a week",
    "value": "pounds a year",
    "bids": "bids",
}
CHANGES = "people who are in another lot than most of their area"


def parts(instance: Instance, solution: Solution, review: Review) -> Iterator[Part]:
    """Yield the parts of a plan; of each term they add up to what the review counts.

    Parameters
    ----------
    instance, solution, review
        The question, the plan and its review.
    """
    yield from _lots(instance, solution)
    yield from _bids(instance, solution)
    yield Part("rest", CHANGES, CHANGES, {"changes": review.terms["changes"]})
    for rule, found in review.rules.items():
        setting = instance.rules[rule]
        if setting.mode == "soft":
            points = Fraction(str(setting.price)) * found.short_by
            yield Part("rule", rule, rule, {"shortfalls": points})


def _lots(instance: Instance, solution: Solution) -> Iterator[Part]:
    """Yield each lot; one that is drawn is known by its cells, whatever it is called."""
    cells = instance.cells
    for label, members in zip(names(instance, solution), solution.members(), strict=True):
        name = ";".join(cells.ids[i] for i in members)
        amounts = {
            "cells": Fraction(len(members)),
            "people": Fraction(int(cells.clients[members].sum())),
            "hours": Fraction(int(cells.minutes[members].sum()), 60),
            "value": Fraction(int(cells.value[members].sum()), 100),
            "administration": Fraction(instance.lot_cost, 100),
            "travel": Fraction(person_metres(instance, members), THOUSAND),
        }
        yield Part("lot", name, name, amounts, {"lot": label})


def _bids(instance: Instance, solution: Solution) -> Iterator[Part]:
    auction, bidders = instance.auction, instance.bidders
    if auction is None:
        return
    off = discounts_by_bid(auction, solution.won)
    for b in solution.won:
        amounts = {
            "bids": Fraction(1),
            "price": Fraction(int(auction.price[b]) - off[b], 100),
            "points": points_short(auction, [b]),
        }
        groups = {"bidder": bidders.ids[auction.bidder[b]]}
        yield Part("bid", auction.ids[b], auction.ids[b], amounts, groups)
