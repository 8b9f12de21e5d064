"""Plans near a plan: all but a few packages stay where it puts them."""

from __future__ import annotations

import numpy as np

from allocate.core.comparing import Near
from allocate.homecare.formulation import Draft
from allocate.homecare.instance import Instance
from allocate.homecare.labels import Bools
from allocate.homecare.solution import Solution


def near(
    draft: Draft,
    solution: Solution,
    free: Bools,
    free_leads: Bools | None = None,
    *,
    thorough: bool = False,
) -> Near:
    """Return the bounds of the plans in which only some packages and leads may differ.

    Parameters
    ----------
    draft
        The program, of a case with the same packages, providers and areas.
    solution
        The plan at hand.
    free
        Packages that may go elsewhere, (P,). One whose present pair the program no longer has is
        free as well.
    free_leads
        Areas whose leads may differ, (A,); none if not given.
    thorough
        Whether to look further than that.
    """
    lower, upper, _ = draft.program.bounds()
    pairs, given = draft.pairs, solution.provider
    here = given[pairs.package] == pairs.provider
    moved = np.zeros_like(lower)
    moved[draft.assign[~here]] = 1
    moved[draft.wait[given >= 0]] = 1
    kept = np.zeros(len(given), dtype=bool)
    kept[pairs.package[here]] = True
    waits = (given < 0) & (upper[draft.wait] > 0)
    held = (kept | waits) & ~free
    fixed = held[pairs.package]
    upper[draft.assign[fixed & ~here]] = 0
    lower[draft.assign[fixed & here]] = 1
    upper[draft.wait[held & ~waits]] = 0
    lower[draft.wait[held & waits]] = 1
    led = np.array(
        [k in solution.leads[a] for a, k in zip(draft.lead_area, draft.lead_provider, strict=True)],
        dtype=bool,
    )
    stay = np.ones_like(led) if free_leads is None else ~free_leads[draft.lead_area]
    upper[draft.lead[stay & ~led]] = lower[draft.lead[stay & ~led]]
    lower[draft.lead[stay & led]] = upper[draft.lead[stay & led]]
    return Near(lower, upper, moved, thorough)


def restricts(instance: Instance) -> bool:
    """Whether a pin, or less capacity, only forbids plans.

    Not so where passing the lead by counts: a pin or a full lead excuses it.
    """
    return not instance.rules["lead_first"].binds
