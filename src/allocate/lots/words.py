"""Lots in the words of a commissioner."""

from __future__ import annotations

import numpy as np

from allocate.card import read_card
from allocate.columns import table
from allocate.lots.axes import axes_of
from allocate.lots.instance import Instance
from allocate.lots.review import could_bid, sizes
from allocate.lots.solution import Solution, names
from allocate.lots.standing import can_be_counted, standings
from allocate.units import THOUSAND, as_hours, as_pounds, with_unit
from allocate.verdict import Review

NAMED = 6  # cells that a line names before it says how many more there are
Section = tuple[str, list[str]]


def summarise(instance: Instance, solution: Solution, review: Review) -> list[Section]:
    """Say the answer in plain words.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    review
        What the independent check measured.

    Returns
    -------
    list of (title, lines)
        Lots, what they come to, rules.
    """
    return [
        ("The lots", _lots(instance, solution)),
        ("What each lot comes to", _amounts(instance, solution)),
        *_every_plan(instance, solution),
        ("Rules that are short", _rules(instance, review)),
    ]


def _lots(instance: Instance, solution: Solution) -> list[str]:
    labels = names(instance, solution)
    if instance.cells.table == "cells":
        axes = axes_of(instance.cells)
        return [
            f"{label}: {axes.words(np.array(cells))}"
            for label, cells in zip(labels, solution.members(), strict=True)
        ]
    return [
        f"{label}: {named([instance.cells.names[i] for i in cells])}"
        for label, cells in zip(labels, solution.members(), strict=True)
    ]


def named(words: list[str]) -> str:
    """Name some, and say how many more there are."""
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _amounts(instance: Instance, solution: Solution) -> list[str]:
    cells, found = instance.cells, sizes(instance, solution)
    head = ["lot", "cells", "aged 75+", "hours a week", "value a year", "off equal", "could bid"]
    places = cells.table == "places"
    equal = sum(found) / solution.lots
    rows = []
    for label, members, size in zip(
        names(instance, solution), solution.members(), found, strict=True
    ):
        rows.append(
            [
                label,
                str(len(members)),
                f"{cells.residents[members].sum():,}" if places else "",
                as_hours(cells.minutes[members].sum()) if places else "",
                as_pounds(cells.value[members].sum()),
                f"{size / equal - 1:+.1%}" if equal else "",
                str(len(could_bid(instance, members))) if instance.bidders.ids else "",
            ]
        )
    told = [at for at in range(len(head)) if any(row[at] for row in rows)]
    return table([head[at] for at in told], [[row[at] for at in told] for row in rows])


def _every_plan(instance: Instance, solution: Solution) -> list[Section]:
    """Say how many plans there are, and which place this one takes among them."""
    if not can_be_counted(instance):
        return []
    head = ["lots", "plans", "shortest distance", "this plan is", "tightest balance"]
    found = standings(instance, solution)
    rows = [
        [
            str(one.number),
            f"{one.plans:,}",
            "" if one.least is None else f"{one.least / THOUSAND:,.0f} person-km",
            "" if one.rank is None else f"number {one.rank:,}",
            "none" if one.tightest is None else f"{float(one.tightest[0]):.1%}",
        ]
        for one in found
    ]
    lines = [
        "Every plan that keeps the hard rules on lots was counted, and ranked by distance.",
        *table(head, rows),
        "The tightest balance is the least by which the worst lot of any plan that hangs together "
        "differs from an equal one.",
    ]
    return [("Every plan there is", lines)]


def _rules(instance: Instance, review: Review) -> list[str]:
    words = read_card("lots").rules
    lines = []
    for rule, setting in instance.rules.items():
        short = review.rules[rule].short_by
        if setting.mode == "off" or not short:
            continue
        how = "measured, does not bind" if setting.mode == "report" else "soft"
        amount = f"{float(short):,.2f}".rstrip("0").rstrip(".")
        said = with_unit(amount, words[rule].unit_for(setting.options))
        lines.append(f"{words[rule].title} [{rule}, {how}]: short by {said}")
    return lines or ["No rule is short."]
