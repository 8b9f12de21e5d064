"""When to begin to empty booked beds, so that few people have to move when a booking ends."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.columns import table

FEW = Fraction(1, 10)  # of those in the beds: about so many would still have to move


def emptying(instance: Instance, solution: Solution) -> list[str]:
    """Say for each care type and each end of bookings when to take the last new person.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    ends: dict[tuple[int, int], int] = defaultdict(int)
    rows = zip(solution.offer.tolist(), solution.last.tolist(), solution.beds.tolist(), strict=True)
    for offer, last, beds in rows:
        ends[int(instance.offers.care[offer]), last] += beds
    if not ends:
        return ["Nothing is booked."]
    axes = instance.axes
    lines = []
    for (care, last), beds in sorted(ends.items()):
        ahead = weeks_ahead(instance, care)
        stop = last + 1 - ahead
        lines.append(
            [
                axes.care[care],
                f"week {last + 1}, {axes.starts[last] + timedelta(days=6):%d/%m/%Y}",
                str(beds),
                _week(instance, stop),
                f"{float(instance.stays.left(care, _allowed(instance))):.0%}",
            ]
        )
    head = ["care", "booking ends", "beds", "nobody new from", "still there, if filled to the last"]
    note = (
        f"From then on leave beds empty as people go: at most {float(FEW):.0%} of those in them "
        "are still there when the booking ends. The last column is the share who would have to "
        "move were people taken as long as the rules allow."
    )
    return [*table(head, lines, left=(0, 1, 3)), note]


def weeks_ahead(instance: Instance, care: int) -> int:
    """Weeks before the end from which nobody new may come, for few to be left then.

    Parameters
    ----------
    instance
        The question.
    care
        Position of the care type.
    """
    stays = instance.stays
    return next(n for n in range(stays.weeks + 1) if stays.left(care, n) <= FEW)


def _allowed(instance: Instance) -> int:
    """Weeks before the end in which the rules still let people in."""
    setting = instance.rules["last_admission"]
    return int(float(setting.value or 0)) if setting.binds else 0


def _week(instance: Instance, week: int) -> str:
    """Name a week; one before the first says so."""
    if week < 0:
        return "the start: stays are longer"
    return f"week {week + 1}, {instance.axes.starts[week]:%d/%m/%Y}"
