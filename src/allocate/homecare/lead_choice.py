"""Who may lead each area, who does for certain, and how many more have to be chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.labels import Bools
from allocate.homecare.pairs import lead_candidates
from allocate.units import Ints


@dataclass(frozen=True)
class LeadChoice:
    """What may be chosen of leads.

    Parameters
    ----------
    sure
        Who leads whatever is chosen: those who stay and those pinned, (A, K).
    possible
        Those and everybody who may be chosen, (A, K).
    newly
        Possible leads who do not lead the area now, (A, K).
    fewest, most
        How many have to be chosen at least and at most beside the sure ones, (A,).
    single
        Whether exactly one provider leads the area in every plan, (A,).
    """

    sure: Bools
    possible: Bools
    newly: Bools
    fewest: Ints
    most: Ints
    single: Bools


def lead_choice(instance: Instance) -> LeadChoice:
    """Read from the question what may be chosen of leads."""
    options = instance.rules["leads_per_area"].options
    stays = np.zeros_like(instance.pins.lead_must)
    for area, leads in enumerate(instance.areas.leads):
        stays[area, list(leads)] = True
    sure = stays | (instance.pins.lead_must & (not instance.bends))
    certain = sure.sum(axis=1)
    fewest = np.zeros_like(certain)
    most = np.full_like(certain, len(instance.providers.ids))
    if strict := instance.strict("leads_per_area"):
        fewest = np.maximum(int(options["minimum"]) - certain, 0)
        most = np.maximum(int(options["maximum"]) - certain, 0)
    possible = sure | (lead_candidates(instance) & (most > 0)[:, None])
    single = strict & (int(options["maximum"]) == 1) & (fewest + certain == 1)
    return LeadChoice(sure, possible, possible & ~stays, fewest, most, single)
