"""What of a home care plan may be published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.disclosure import Disclosed, people_table
from allocate.homecare.instance import Instance
from allocate.homecare.labels import WAITING
from allocate.homecare.solution import Solution

STAYS, OTHER, NEW, WAITS = range(4)
BECOMES = ("with_their_provider", "with_another_provider", "newly_placed", "waiting")


def disclosed(instance: Instance, solution: Solution) -> Disclosed:
    """Say what becomes of the people of each area, counted, and who leads it.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    packages, areas, providers = instance.packages, instance.areas, instance.providers
    given = solution.provider
    becomes = np.where(given == packages.provider, STAYS, OTHER)
    becomes[packages.status == WAITING] = NEW
    becomes[given < 0] = WAITS
    counts = np.zeros((len(areas.ids), len(BECOMES)), dtype=np.int64)
    np.add.at(counts, (packages.area, becomes), 1)
    leads = [
        (area, providers.names[k])
        for area, led in zip(areas.names, solution.leads, strict=True)
        for k in led
    ]
    return Disclosed(
        {
            "people": people_table(counts, areas.names, BECOMES, "area"),
            "leads": pd.DataFrame(leads, columns=["area", "lead"]),
        },
        len(np.unique(providers.owner[given[given >= 0]])),
    )
