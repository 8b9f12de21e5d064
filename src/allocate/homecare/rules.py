"""Each rule of home care as rows of the program: one function a rule, named by its id.

A function is called where its rule binds. A hard rule adds rows; a soft one adds the same rows with
a column that counts what they are short by.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allocate.core.program import Short
from allocate.homecare import rules_hours, rules_leads, rules_people
from allocate.homecare.formulation import Draft

RULES: dict[str, Callable[[Draft], None]] = {
    rule.__name__: rule
    for rule in (
        rules_people.placed_once,
        rules_hours.within_capacity,
        rules_hours.within_bands,
        rules_leads.leads_per_area,
        rules_leads.leads_limit,
        rules_hours.share_limit,
        rules_leads.lead_accepts_share,
        rules_leads.lead_first,
        rules_people.quality_floor,
        rules_people.needs_met,
        rules_people.choice_kept,
        rules_people.household_together,
        rules_people.locked_stay,
        rules_people.moves_limit,
        rules_hours.viable_round,
        rules_hours.within_budget,
        rules_people.rate_floor,
        rules_hours.step_in,
    )
}


def bend_pins(draft: Draft) -> None:
    """Count the pins that are not kept: each has a column that is 1 where it is not."""
    pins, program = draft.instance.pins, draft.program
    providers = draft.instance.providers.ids
    for ids, must, never, one, other, columns in (
        (
            draft.instance.packages.ids,
            pins.must,
            pins.never,
            draft.pairs.package,
            draft.pairs.provider,
            draft.assign,
        ),
        (
            draft.instance.areas.ids,
            pins.lead_must,
            pins.lead_never,
            draft.lead_area,
            draft.lead_provider,
            draft.lead,
        ),
    ):
        kept = np.flatnonzero(must[one, other])
        about = [f"{ids[one[i]]} must have {providers[other[i]]}" for i in kept]
        name = "" if ids is draft.instance.packages.ids else "_lead"
        slack = program.columns(f"short_pins{name}", len(kept))
        draft.shorts.append(Short("pins", slack, np.ones_like(slack), 1, about))
        rows = np.arange(len(kept))
        entries = [(rows, columns[kept], 1), (rows, slack, 1)]
        program.require("pins", "share", entries, low=1, rows=len(kept))
        barred = np.flatnonzero(never[one, other])
        about = [f"{ids[one[i]]} never {providers[other[i]]}" for i in barred]
        counts = np.ones_like(barred)
        draft.shorts.append(Short("pins", columns[barred], counts, 1, about))
