"""What cannot all be met, in words: what a rule asks of lots and what there is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import networkx as nx

from allocate.card import read_card
from allocate.core.connected_lots import TooMany
from allocate.lots.candidates import limits
from allocate.lots.instance import Instance
from allocate.lots.review import sizes
from allocate.lots.solution import Solution
from allocate.lots.standing import can_be_counted, tightest_balance
from allocate.lots.words import named
from allocate.units import as_percent, joined, with_unit
from allocate.verdict import Review

LOOKED_AT_LAST: tuple[str, ...] = ()  # no rule of this model makes a trial slow


def told(instance: Instance, rule: str, about: str) -> str:
    """Name the group that one of those a rule is about belongs to: here each stands for itself."""
    return about


def conflict_words(
    instance: Instance, rule: str, about: Sequence[str]
) -> tuple[Mapping[str, Any], str]:
    """Say what a rule asks and what there is: numbers by name, and a sentence.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id, ``pins`` for what a person has decided.
    about
        Whom or what, by the names that the review gives.
    """
    if rule == "pins":
        return {"pins": len(about)}, f"A person has decided: {joined(list(about))}."
    setting = instance.rules[rule]
    numbers: dict[str, Any] = {"lots": [instance.numbers[0], instance.numbers[-1]]}
    if rule != "balanced":
        return numbers, read_card("lots").rules[rule].statement
    share = float(setting.value or 0)
    numbers["share"] = share
    wanted = joined([str(number) for number in instance.numbers], "or")
    text = f"Each of {wanted} lots is within {as_percent(share)} of an equal one."
    return numbers, " ".join([text, *_tightest(instance, numbers)])


def _tightest(instance: Instance, numbers: dict[str, Any]) -> Iterator[str]:
    """Name the tightest balance that exists, and the lots that have it."""
    if not can_be_counted(instance):
        return
    for number in instance.numbers:
        try:
            found = tightest_balance(instance, number)
        except TooMany:
            continue
        if found is None:
            yield f"No {number} lots hang together at all."
            continue
        off, plan = found
        numbers[f"tightest_{number}_lots"] = float(off)
        lots = "; ".join(named([instance.cells.names[i] for i in lot]) for lot in plan.members())
        yield f"The tightest balance that {number} lots can have is {float(off):.1%}: {lots}."


def falls_short(instance: Instance, rule: str, about: Sequence[str]) -> list[str]:
    """Of whom a rule asks more than there is, looked at alone: not known of lots."""
    return []


def heart_words(instance: Instance, members: Collection[tuple[str, str]], *, smallest: bool) -> str:
    """Say which rules of a conflict fall short by themselves; here none is looked at alone."""
    return ""


def also_short(instance: Instance, members: Collection[tuple[str, str]]) -> list[str]:
    """Say which other hard rules fall short by themselves."""
    return []


def way_out_words(
    instance: Instance, solution: Solution, rule: str, gives: Sequence[tuple[str, Fraction]]
) -> str:
    """Say what gives in a way out.

    Parameters
    ----------
    instance, solution
        The question, and the plan of this way out.
    rule
        The rule that gives.
    gives
        Whom it is about and by how much, in the rule's unit, largest first.
    """
    words = read_card("lots").rules[rule]
    if rule == "balanced":
        equal = Fraction(int(instance.size.sum()), solution.lots)
        off = max(abs(size / equal - 1) for size in sizes(instance, solution))
        up = Fraction(-(-off * 1000 // 1), 10)
        return f"Accept lots within {float(up):.1f}% of an equal one"
    unit = words.unit_for(instance.rules[rule].options)
    by = joined([with_unit(f"{float(amount):,.6g}", unit) for _, amount in gives])
    return f"{words.remedy.rstrip('.')}: {words.title.lower()} short by {by}"


def doubtful(instance: Instance, solution: Solution) -> bool:
    """Whether a way out is one that nobody should take first: here none is."""
    return False


def plan_words(
    instance: Instance, solution: Solution, review: Review, proven: Collection[str]
) -> str:
    """Say in one sentence what a plan of lots means."""
    changes = with_unit(f"{int(review.terms['changes']):,}", "people")
    return f"Then there are {with_unit(str(solution.lots), 'lots')}, and {changes} change area."


def why_none(instance: Instance) -> list[str]:
    """Say of each part of the map that nothing joins to the rest how many lots it could be."""
    number = instance.numbers[0]
    least, most = limits(instance, number)
    parts = sorted(nx.connected_components(instance.cells.graph), key=len, reverse=True)
    lines = [
        f"{number} lots within {as_percent(float(instance.rules['balanced'].value or 0))} of an "
        f"equal one come to {least:,} to {most:,} each, in what balance is counted in."
    ]
    for part in parts if len(parts) > 1 else []:
        cells = sorted(part)
        size = int(instance.size[cells].sum())
        few, many = -(-size // max(1, most)), size // max(1, least)
        could = f"{few} to {many} lots" if few <= many else "no whole number of lots"
        lines.append(
            f"{named([instance.cells.names[i] for i in cells])} come to {size:,}: {could}."
        )
    return lines
