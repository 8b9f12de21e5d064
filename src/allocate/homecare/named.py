"""Whom a hard rule is about, as a reader is told: one provider's people, not each of them."""

from __future__ import annotations

from allocate.card import read_card
from allocate.homecare.instance import Instance
from allocate.homecare.labels import PLACED

# Rules about single packages, of which a conflict may need a great many.
BY_PACKAGE = (
    "placed_once",
    "quality_floor",
    "needs_met",
    "choice_kept",
    "locked_stay",
    "rate_floor",
)

# Without this rule all the stock may move: a trial then takes a hundred times as long.
LOOKED_AT_LAST = ("moves_limit",)

# Rules that a study may set otherwise: here all; what becomes of laws is said on paper only.
FREE_TO_CHANGE = tuple(read_card("homecare").rules)


def told(instance: Instance, rule: str, about: str) -> str:
    """Name the group that one of those a rule is about belongs to.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id.
    about
        Whom the review names, such as a package or ``H07 in A4``.

    Returns
    -------
    str
        People of one provider, referrals of one area, or the name itself.
    """
    packages, areas = instance.packages, instance.areas
    if rule in BY_PACKAGE:
        p = packages.at[about]
        if packages.status[p] == PLACED:
            return f"people of {instance.providers.ids[packages.provider[p]]}"
        return f"referrals of {areas.ids[packages.area[p]]}"
    if rule == "lead_first":
        return max((a for a in areas.ids if about.endswith(f" in {a}")), key=len)
    return about
