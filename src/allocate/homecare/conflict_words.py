"""What each rule of a conflict asks and what there is, in the numbers that a commissioner has.

The numbers come from the question alone, never from a solver, so that anybody can count them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from allocate.homecare import conflict_hours, conflict_leads, conflict_people
from allocate.homecare.conflict_facts import Facts, Told
from allocate.homecare.instance import Instance


def conflict_words(instance: Instance, rule: str, about: Sequence[str]) -> Told:
    """Say what a rule asks of those it is about, what there is, and who comes closest.

    Parameters
    ----------
    instance
        The question.
    rule
        Its id, ``pins`` for a pin.
    about
        Whom or what, as the review names them.

    Returns
    -------
    tuple
        The numbers by name, hours in hours and money in pounds; and a sentence or two.
    """
    return WORDS[rule](Facts(instance), list(about))


def _pins(_: Facts, about: Sequence[str]) -> Told:
    what = "; ".join(about)
    return {}, f"Pinned: {what}. A person decided that, and only a person can undo it."


WORDS: dict[str, Callable[[Facts, Sequence[str]], Told]] = {
    "placed_once": conflict_people.placed_once,
    "within_capacity": conflict_hours.within_capacity,
    "within_bands": conflict_hours.within_bands,
    "leads_per_area": conflict_leads.leads_per_area,
    "leads_limit": conflict_leads.leads_limit,
    "share_limit": conflict_hours.share_limit,
    "lead_accepts_share": conflict_leads.lead_accepts_share,
    "lead_first": conflict_leads.lead_first,
    "quality_floor": conflict_people.quality_floor,
    "needs_met": conflict_people.needs_met,
    "choice_kept": conflict_people.choice_kept,
    "household_together": conflict_people.household_together,
    "locked_stay": conflict_people.locked_stay,
    "moves_limit": conflict_people.moves_limit,
    "viable_round": conflict_hours.viable_round,
    "within_budget": conflict_hours.within_budget,
    "rate_floor": conflict_people.rate_floor,
    "step_in": conflict_hours.step_in,
    "pins": _pins,
}
