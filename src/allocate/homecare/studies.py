"""What studies may ask of a home care answer."""

from __future__ import annotations

from collections.abc import Callable

from allocate.answered import Answered
from allocate.homecare.explain_area import FIRM, explain_area
from allocate.homecare.instance import Instance
from allocate.homecare.lead_variants import chosen_lead
from allocate.variants import Variants


def no_study(instance: Instance, study: str) -> tuple[str, str] | None:
    """Say why a study has no meaning here, and what to ask instead: every study has one."""
    return None


def firm(answered: Answered, variants: Callable[[float], Variants]) -> list[str]:
    """Say how far the figures of each lead that was chosen can fall, as ``explain`` does.

    Parameters
    ----------
    answered
        The answer.
    variants
        Returns what asks the answer again, with so much of the time.
    """
    instance, solution = answered.asked.instance, answered.solution
    chosen = [
        area
        for area in range(len(instance.areas.ids))
        if chosen_lead(instance, solution, area) is not None
    ]
    found = []
    for area in chosen:
        said = explain_area(variants(1 / len(chosen)), area)
        lines = next((lines for title, lines in said.sections if title == FIRM), [])
        found += [f"{instance.areas.ids[area]}: {line}" for line in lines]
    return found
