"""An answer with another lead in one area, or with a lead's own figures changed."""

from __future__ import annotations

import numpy as np

from allocate.homecare.instance import Instance
from allocate.homecare.near import near, restricts
from allocate.homecare.solution import Solution
from allocate.study.scenario import Change
from allocate.variants import Variant


def chosen_lead(instance: Instance, solution: Solution, area: int) -> int | None:
    """Return the first lead of an area that the answer chose: not given, not pinned."""
    for k in solution.leads[area]:
        if k not in instance.areas.leads[area] and not instance.pins.lead_must[area, k]:
            return k
    return None


def instead(
    instance: Instance, solution: Solution, area: int, lead: int, other: int, *changes: Change
) -> Variant:
    """Let another provider lead in place of the one chosen, the other leads as they are."""
    rows = [
        *leads_as_they_are(instance, solution, area, lead),
        lead_pin(instance, area, lead, "never"),
        lead_pin(instance, area, other, "must"),
    ]
    changes = (*changes, Change(table="pins", add=rows))
    # So much hangs on who leads that plans near the one at hand are no better to start from.
    everyone = np.ones(len(instance.packages.ids), dtype=bool)
    everywhere = np.ones(len(instance.areas.ids), dtype=bool)
    return Variant(
        changes,
        lambda draft: near(draft, solution, everyone, everywhere, thorough=True),
        restricts(instance),
    )


def still(instance: Instance, solution: Solution, area: int, lead: int, change: Change) -> Variant:
    """Change something of the lead and let it lead nonetheless, the other leads as they are."""
    rows = [
        *leads_as_they_are(instance, solution, area, lead),
        lead_pin(instance, area, lead, "must"),
    ]
    changes = (change, Change(table="pins", add=rows))
    packages, given = instance.packages, solution.provider
    free = packages.referral & (packages.area == area) | np.isin(given, [-1, lead])
    here = np.arange(len(instance.areas.ids)) == area
    return Variant(
        changes,
        lambda draft: near(draft, solution, free, here, thorough=True),
        restricts(instance),
    )


def leads_as_they_are(
    instance: Instance, solution: Solution, area: int | None = None, lead: int | None = None
) -> list[dict[str, str]]:
    """Return pins of every lead that the answer chose, but for one lead of one area."""
    rows = []
    for a, leads in enumerate(solution.leads):
        for k in leads:
            known = k in instance.areas.leads[a] or instance.pins.lead_must[a, k]
            if not known and (a, k) != (area, lead):
                rows.append(lead_pin(instance, a, k, "must"))
    return rows


def lead_pin(instance: Instance, area: int, provider: int, word: str) -> dict[str, str]:
    """Return the row of pins that lets a provider lead an area, or keeps it from that."""
    return {
        "table": "area-lead",
        "id": instance.areas.ids[area],
        "other_id": instance.providers.ids[provider],
        "must_or_never": word,
    }


def set_hours(
    instance: Instance, provider: int, column: str, minutes: int, table: str = "providers"
) -> Change:
    """Return the change that sets a provider's hours."""
    hours = round(minutes / 60, 9)  # so that a whole minute is read again as one
    where = {"provider_id": instance.providers.ids[provider]}
    return Change(table=table, where=where, set={column: hours})
