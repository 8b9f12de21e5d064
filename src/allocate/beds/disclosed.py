"""What of a plan of winter beds may be published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.beds.instance import Instance
from allocate.beds.solution import Solution
from allocate.disclosure import Disclosed


def disclosed(instance: Instance, solution: Solution) -> Disclosed:
    """Count booked beds by zone and care type; no home is named, and no rate given.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    axes, offers = instance.axes, instance.offers
    frame = pd.DataFrame(
        {
            "zone": np.array(axes.zone_names, dtype=object)[offers.zone[solution.offer]],
            "care_type": np.array(axes.care, dtype=object)[offers.care[solution.offer]],
            "beds": solution.beds,
            "bed_weeks": solution.beds * (solution.last - solution.first + 1),
        }
    )
    booked = frame.groupby(["zone", "care_type"], as_index=False).sum()
    owners = instance.homes.owner[offers.home[solution.offer]]
    return Disclosed({"beds": booked}, len(np.unique(owners)))
