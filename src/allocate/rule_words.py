"""What a review measured of the rules, in lines that a commissioner reads."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocate.card import read_card
from allocate.study.scenario import Setting
from allocate.units import with_unit
from allocate.verdict import Measured, Review

NAMED = 5  # places that a line names before it says how many more there are


def rule_lines(model: str, rules: Mapping[str, Setting], review: Review) -> list[str]:
    """Say which rules are short, by how much and where, and which have nothing to spare.

    Parameters
    ----------
    model
        Whose card has the titles and units.
    rules
        As they stand in the question; those that are off are left out.
    review
        What was measured.
    """
    words = read_card(model).rules
    lines = []
    for rule, setting in rules.items():
        found = review.rules[rule]
        if setting.mode == "off":
            continue
        if found.short_by > 0:
            how = "measured, does not bind" if setting.mode == "report" else "soft"
            short = with_unit(amount(found.short_by), words[rule].unit_for(setting.options))
            lines.append(f"{words[rule].title} [{rule}, {how}]: short by {short}{_where(found)}")
        elif setting.binds and found.slack == 0:
            lines.append(
                f"{words[rule].title} [{rule}, {setting.mode}]: kept, with nothing to spare"
            )
    return lines


def _where(found: Measured) -> str:
    if not found.where:
        return ""
    named = [f"{name} {amount(short)}" for name, short in found.where[:NAMED]]
    more = len(found.where) - NAMED
    return f" ({', '.join(named)}{f' and {more} more' if more > 0 else ''})"


def amount(value: Fraction | float) -> str:
    """Write what a rule is short by: whole from a hundred on, else to hundredths."""
    if value >= 100:
        return f"{float(value):,.0f}"
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")
