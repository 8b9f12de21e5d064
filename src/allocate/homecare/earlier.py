"""An earlier plan on the columns of another question."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.homecare.formulation import Draft
from allocate.homecare.labels import positions
from allocate.units import Ints

PLAN = {"allocation": ("package_id", "provider_id"), "leads": ("area_id", "provider_id")}


def chosen_columns(draft: Draft, tables: Mapping[str, pd.DataFrame]) -> Ints:
    """Find the columns of what an earlier answer chose.

    People, providers and areas that the question does not have are dropped, and so is whoever may
    no longer have whom.

    Parameters
    ----------
    draft
        The question's program.
    tables
        Answer tables with the columns of ``PLAN``, cells as text.
    """
    instance, allocation, leads = draft.instance, tables["allocation"], tables["leads"]
    packages, providers, areas = instance.packages.ids, instance.providers.ids, instance.areas.ids
    package = positions(allocation["package_id"], packages)
    given = positions(allocation["provider_id"], providers)
    waits = package[(package >= 0) & (allocation["provider_id"] == "").to_numpy()]
    size = len(providers)
    placed = _together(package, given, size)
    led = _together(
        positions(leads["area_id"], areas), positions(leads["provider_id"], providers), size
    )
    pairs = draft.pairs.package * size + draft.pairs.provider
    return np.concatenate(
        [
            draft.assign[np.isin(pairs, placed)],
            draft.wait[np.unique(waits)],
            draft.lead[np.isin(draft.lead_area * size + draft.lead_provider, led)],
        ]
    )


def _together(one: Ints, other: Ints, size: int) -> Ints:
    """One number for each two positions of which neither is unknown."""
    known = (one >= 0) & (other >= 0)
    return one[known] * size + other[known]
