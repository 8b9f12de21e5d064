"""Studies that have no meaning for lots, and what to ask instead."""

from __future__ import annotations

from allocate.lots.instance import Instance

WHY = {
    "through": (
        "lots and awards are decided once, and nobody is placed in them month by month",
        "Use `allocate through` of a home care answer in these lots",
    ),
    "backtest": (
        "an award is made once, and there are no referrals to be played again",
        "Use `allocate backtest` of a home care case",
    ),
}
GIVEN = ("lots are given and there are no bids, so nothing is decided", "Add bids.csv")
DRAWN = (
    "lots that are drawn have no winners who could withdraw",
    "Ask of an award: lots.csv, bids.csv and bid_lots.csv",
)
BY_CENTRES = (
    "so many places are drawn into lots by centres, and there is no list of lots to choose from",
    "Draw lots of larger places, such as wards, or compare answers with other seeds",
)


def no_study(instance: Instance, study: str) -> tuple[str, str] | None:
    """Say why a study has no meaning here, and what to ask instead; None where it has one.

    Parameters
    ----------
    instance
        The question.
    study
        Name of its command.
    """
    if study in WHY:
        return WHY[study]
    if instance.given is not None and instance.auction is None:
        return GIVEN
    if study == "resilience" and instance.auction is None:
        return DRAWN
    if study == "alternatives" and instance.parted:
        return BY_CENTRES
    return None
