"""What a plan of winter beds decides: beds booked of each offer, and for which weeks."""

from __future__ import annotations

import re

import numpy as np

from allocate.answered import Answered
from allocate.beds.explain import barred
from allocate.beds.formulation import Draft
from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.choices import Chosen, Forcing, Kind, Options
from allocate.errors import BadInput, Fault, nearest
from allocate.study.scenario import Change
from allocate.units import with_unit

CHOICES = {
    "offer": Kind(
        "What is booked",
        "not booked",
        "bookings",
        "offer_id",
        "{beds} beds, weeks {first_week} to {last_week}",
        amount=True,
    )
}
BOOKING = re.compile(r"(\d+) beds?, weeks (\d+) to (\d+)")


def find(instance: Instance, kind: str, label: str) -> str:
    """Return the id of an offer.

    Raises
    ------
    BadInput
        Where the case has no such offer.
    """
    ids = instance.offers.ids
    if label not in ids:
        problem = f"no such offer{nearest(label, ids)}"
        fault = Fault(f"--{kind}", f'"{label}"', problem, "Give an offer_id of block_offers.csv")
        raise BadInput("the command line", [fault])
    return label


def chosen(instance: Instance, solution: Solution, kind: str) -> Chosen:
    """What is booked of each offer: beds and weeks, in words."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(instance.offers.ids, ())
    rows = zip(solution.offer, solution.first, solution.last, solution.beds, strict=True)
    for o, first, last, beds in rows:
        words = f"{with_unit(str(beds), 'beds')}, weeks {first + 1} to {last + 1}"
        found[instance.offers.ids[o]] = (words,)
    return found


def options(draft: Draft, solution: Solution) -> Options:
    """Columns that book an offer for some weeks."""
    ids = np.array(draft.instance.offers.ids, dtype=object)
    booked = set(zip(solution.offer, solution.first, solution.last, strict=True))
    windows = zip(draft.offer, draft.first_week, draft.last_week, strict=True)
    return Options(
        ["offer"] * len(draft.book),
        list(ids[draft.offer]),
        draft.book,
        np.array([window in booked for window in windows], dtype=bool),
    )


def force(answered: Answered, kind: str, label: str, option: str) -> Forcing:
    """Book an offer as another answer does, or leave it; all else may be otherwise then.

    Parameters
    ----------
    answered
        The answer.
    kind, label, option
        ``offer``, its id, and what is booked of it as ``chosen`` says it; empty for nothing.
    """
    instance: Instance = answered.asked.instance
    offers, o = instance.offers, instance.offers.ids.index(label)
    pin = {"table": "offer", "id": label, "other_id": ""}
    if not option:
        choice = f"{label} is not booked"
        if offers.must[o]:
            return Forcing(choice, ["a pin says that it must be"])
        return Forcing(choice, [], (Change(table="pins", add=[pin | {"must_or_never": "never"}]),))
    found = BOOKING.fullmatch(option)
    assert found is not None  # `chosen` wrote it
    beds, first, last = (int(part) for part in found.groups())
    against = list(barred(instance, o))
    if not offers.least[o] <= beds <= offers.most[o]:
        against.append(f"{offers.least[o]} to {offers.most[o]} beds are offered here")
    if first <= offers.first[o] or last > offers.last[o] + 1:
        against.append(f"weeks {offers.first[o] + 1} to {offers.last[o] + 1} are offered here")
    elif last - first + 1 < offers.min_weeks[o]:
        against.append(f"it is booked for at least {offers.min_weeks[o]} weeks here")
    choice = f"{label} is booked: {option}"
    if against:
        return Forcing(choice, against)
    exactly = {
        **{"min_beds": beds, "max_beds": beds, "min_weeks": last - first + 1},
        **{"first_week": first, "last_week": last},
    }
    changes = [Change(table="block_offers", where={"offer_id": label}, set=exactly)]
    if not offers.must[o]:
        changes.append(Change(table="pins", add=[pin | {"must_or_never": "must"}]))
    # Weeks that no booking step of this question leads to are more than it allows.
    step = int(instance.parameters["booking_step_weeks"])
    within = (first - 1 - offers.first[o]) % step == (offers.last[o] + 1 - last) % step == 0
    return Forcing(choice, [], tuple(changes), restricts=bool(within))
