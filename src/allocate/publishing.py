"""An answer for publication: nothing in it points to a person, or to what a firm asks.

It is put together anew from what may be said, not cut out of the paper for those who decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allocate.answered import Answered, read_answer
from allocate.card import read_card
from allocate.disclosure import FEWEST, MARK, Disclosed
from allocate.findings import Findings, Section
from allocate.report.html import heading_of
from allocate.report.text import CAVEAT, HEADLINES, not_real

FEW_PAID = 3  # below this, one who is paid works out from the sum what another is
THOUSAND_POUNDS = 1000
LEFT_OUT = (
    f"{MARK} stands for counts of people below {FEWEST}, and for as many others as it takes that "
    "none of those can be worked out.",
    "There is no row for a person, and no rate, price, score or capacity of a firm. What rules are "
    "short by is left out too: it can be few people.",
    "Two such papers of one case can be compared, and what one hides may follow from both: publish "
    "one of them.",
    "The question stands above as it was written: read it once more before this goes out.",
)


def publish(folder: str | Path) -> Findings:
    """Say of an answer what may be published.

    Parameters
    ----------
    folder
        A result folder.

    Raises
    ------
    BadInput
        Where it is none, or has no plan.
    """
    answered = read_answer(folder)
    found = answered.asked.model.disclosed(answered.asked.instance, answered.solution)
    return Findings(
        answered.asked.question.text or answered.asked.question.name,
        list(_sections(answered, found)),
        found.tables,
    )


def _sections(answered: Answered, found: Disclosed) -> Iterator[Section]:
    record, tables = answered.record, answered.asked.tables
    why = HEADLINES.get((record["status"], record["why_stopped"]), HEADLINES[record["status"]])
    yield "How it was answered", [f"Case {tables.name}. {why}", *not_real(tables)]
    if money := list(_money(answered, found.paid)):
        yield "Money, to the nearest thousand pounds", money
    for name, frame in found.tables.items():
        if len(frame):
            yield heading_of(name), frame.to_string(index=False).splitlines()
    yield "Rules", list(_rules(answered))
    yield "How sure this is", [*_sure(record), "The plan itself passed an independent check."]
    yield "What is left out", [*LEFT_OUT, CAVEAT]


def _money(answered: Answered, paid: int) -> Iterator[str]:
    """Say what is paid in all, where it is paid to so many that nobody learns a price."""
    words = read_card(answered.asked.question.model).terms
    for term, amount in answered.review.terms.items():
        if words[term].kind != "cash":
            continue
        if paid < FEW_PAID:
            yield f"{words[term].title}: not published, for fewer than {FEW_PAID} are paid"
        else:
            pounds = round(amount / THOUSAND_POUNDS) * THOUSAND_POUNDS
            yield f"{words[term].title}: £{pounds:,}{words[term].unit.removeprefix('pounds')}"


def _rules(answered: Answered) -> Iterator[str]:
    """Say of each rule whether the plan keeps it."""
    words = read_card(answered.asked.question.model).rules
    for rule, setting in answered.asked.question.rules.items():
        if setting.mode != "off":
            how = "is kept" if not answered.review.rules[rule].short_by else "is not kept in full"
            measured = ", only measured here" if setting.mode == "report" else ""
            yield f"{words[rule].title} ({words[rule].kind}{measured}): {how}"


def _sure(record: Mapping[str, Any]) -> Iterator[str]:
    """Say of each level whether a better plan may exist, without its amount."""
    for number, level in enumerate(record["levels"], start=1):
        if level["bound"] == level["objective"]:
            yield f"{number}. {level['name']}: no plan in this data does better"
        elif level["gap"] is None:
            yield f"{number}. {level['name']}: not proven"
        else:
            yield (
                f"{number}. {level['name']}: no plan in this data does better by more than "
                f"{level['gap']:.2%} of what can be decided"
            )
    yield "Each line holds among plans that do as well on the lines above it."
