"""Studies that have no meaning for winter beds, and what to ask instead."""

from __future__ import annotations

from allocate.beds.instance import Instance

WHY = {
    "through": (
        "bookings are made once for one winter, and there are no months after it to carry them to",
        "Use `allocate stress`, which lives the winter week by week",
    ),
    "backtest": (
        "a past winter is no row of referrals that could be played again",
        "Give that winter's arrivals as a sample in arrivals.csv, and `allocate solve` it",
    ),
}


def no_study(instance: Instance, study: str) -> tuple[str, str] | None:
    """Say why a study has no meaning here, and what to ask instead; None where it has one.

    Parameters
    ----------
    instance
        The question.
    study
        Name of its command.
    """
    return WHY.get(study)
