"""A plan of home care: positions become labels again here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.errors import BadInput, Fault
from allocate.homecare.formulation import Draft
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, PLACED, STATUSES, Bools, positions
from allocate.homecare.packages import by_provider
from allocate.units import THOUSAND, Ints, ceil_div, thousandths, yearly_cash


@dataclass(frozen=True)
class Solution:
    """Who has each package, and who leads each area.

    Parameters
    ----------
    provider
        Provider of each package, -1 where it waits, (P,).
    leads
        Leads of each area by rank: those who stay, then by referrals accepted.
    """

    provider: Ints
    leads: tuple[tuple[int, ...], ...]


def read_solution(draft: Draft, values: Ints, flows: None = None) -> Solution:
    """Read the plan out of the values of the columns; this model has one stage, and no flows."""
    instance = draft.instance
    provider = np.full(len(instance.packages.ids), -1, dtype=np.int64)
    chosen = values[draft.assign] == 1
    provider[draft.pairs.package[chosen]] = draft.pairs.provider[chosen]
    leads: list[tuple[int, ...]] = []
    for area, stay in enumerate(instance.areas.leads):
        here = (draft.lead_area == area) & (values[draft.lead] == 1)
        found = [k for k in draft.lead_provider[here].tolist() if k not in stay]
        accepted = {k: int(accepted_by(instance, provider, area, k).sum()) for k in found}
        found.sort(key=lambda k: (-accepted[k], instance.providers.ids[k]))
        leads.append((*stay, *found))
    return Solution(provider, tuple(leads))


def read_plan(instance: Instance, tables: Mapping[str, pd.DataFrame], where: str) -> Solution:
    """Read a plan back from its answer tables.

    Parameters
    ----------
    instance
        The question.
    tables
        ``allocation`` and ``leads``, cells as text.
    where
        The result folder, for messages.

    Raises
    ------
    BadInput
        Where a table is missing or names what the case does not have.
    """
    packages, providers, areas = instance.packages, instance.providers, instance.areas
    remedy = "A file was changed since: solve again, and ask of that result"
    faults = []
    for name, column, known in (
        ("allocation", "package_id", packages.ids),
        ("allocation", "provider_id", ("", *providers.ids)),
        ("leads", "area_id", areas.ids),
        ("leads", "provider_id", providers.ids),
    ):
        if column not in tables.get(name, ()):
            problem = f"is missing, or has no column {column}"
            faults.append(Fault(f"{name}.csv", "", problem, remedy))
            continue
        for stranger in sorted(set(tables[name][column]) - set(known)):
            cell = f'{column} = "{stranger}"'
            faults.append(Fault(f"{name}.csv", cell, "is not of this case", remedy))
    if not faults and tuple(tables["allocation"]["package_id"]) != packages.ids:
        faults.append(Fault("allocation.csv", "", "has not each package once, in order", remedy))
    if faults:
        raise BadInput(where, faults)
    led = tables["leads"]
    return Solution(
        positions(tables["allocation"]["provider_id"], providers.ids),
        tuple(
            tuple(positions(led["provider_id"][led["area_id"] == area], providers.ids).tolist())
            for area in areas.ids
        ),
    )


def spare(instance: Instance, solution: Solution) -> Ints:
    """Carer-minutes a week that each provider has left in a plan, negative where overfull, (K,)."""
    providers = instance.providers
    load = by_provider(solution.provider, instance.packages.load, len(providers.ids))
    grown = np.zeros_like(load)
    for now, then in zip(solution.leads, instance.areas.leads, strict=True):
        newly = [k for k in now if k not in then]
        grown[newly] = providers.growth[newly]
    return providers.capacity + grown - load


def accepted_by(instance: Instance, provider: Ints, area: int, lead: int) -> Bools:
    """Referrals of an area that a provider is given, (P,)."""
    packages = instance.packages
    return packages.referral & (packages.area == area) & (provider == lead)


def change_shares(instance: Instance, provider: Ints) -> Ints:
    """Thousandths of a change of carers that a plan means for each person, (P,)."""
    packages = instance.packages
    moved = (packages.status == PLACED) & (provider != packages.provider) & (provider >= 0)
    passed_on = passes_on(instance, provider)
    return np.where(moved, THOUSAND, np.where(passed_on, THOUSAND - packages.transfer, 0))


def passes_on(instance: Instance, provider: Ints) -> Bools:
    """Whether a handed-back package is not back with its last provider, (P,)."""
    packages = instance.packages
    back = (provider >= 0) & (provider == packages.provider)
    return (packages.status == HANDED_BACK) & ~back


def cash_of(instance: Instance, provider: Ints, rate: Ints) -> Ints:
    """Pence a year for each package under a table of rates (K, L), nought while it waits, (P,)."""
    packages = instance.packages
    cash = yearly_cash(packages.minutes, rate[provider, packages.place], instance.paid_share)
    return np.where(provider >= 0, cash, 0)


def allocation(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``allocation.csv``: one row a package, names and what was before the plan last."""
    packages, providers, areas = instance.packages, instance.providers, instance.areas
    given = solution.provider
    rate = np.where(given >= 0, instance.rate[given, packages.place], 0)
    led = np.array(
        [k in solution.leads[a] for a, k in zip(packages.area, given, strict=True)], dtype=bool
    )
    changed = np.where(
        packages.status == PLACED,
        (given != packages.provider) & (given >= 0),
        passes_on(instance, given),
    )
    shares = change_shares(instance, given)
    return pd.DataFrame(
        {
            "package_id": packages.ids,
            "place_id": [instance.places[place] for place in packages.place],
            "area_id": [areas.ids[area] for area in packages.area],
            "provider_id": [providers.ids[k] if k >= 0 else "" for k in given],
            "hours_per_week": [_number(minutes, 60) for minutes in packages.planned],
            "rate_pounds_per_hour": [
                _money(r) if k >= 0 else "" for r, k in zip(rate, given, strict=True)
            ],
            "cash_pounds_per_year": [
                _money(cash) for cash in cash_of(instance, given, instance.rate)
            ],
            "by_lead": np.where(packages.referral, np.where(led, "Yes", "No"), ""),
            "changes_provider": np.where(changed, "Yes", "No"),
            "changes_carers": [_number(share, THOUSAND) for share in shares],
            "provider_name": [providers.names[k] if k >= 0 else "" for k in given],
            "place_name": [instance.place_names[place] for place in packages.place],
            "status": [STATUSES[status] for status in packages.status],
            "last_provider_id": [providers.ids[k] if k >= 0 else "" for k in packages.provider],
            "waits": np.where(given < 0, "Yes", "No"),
        }
    )


def leads(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Return ``leads.csv``: one row a lead of an area, by rank."""
    packages, providers = instance.packages, instance.providers
    setting = instance.rules["lead_accepts_share"]
    hours = setting.options["by"] == "hours"
    counts = packages.minutes if hours else np.ones_like(packages.minutes)
    per = 60 if hours else 1
    load = by_provider(solution.provider, packages.load, len(providers.ids))
    used = np.maximum(load - providers.capacity, 0)
    rows = []
    counted: set[int] = set()
    for area, chosen in enumerate(solution.leads):
        referrals = int(counts[packages.referral & (packages.area == area)].sum())
        accepted = [
            int(counts[accepted_by(instance, solution.provider, area, k)].sum()) for k in chosen
        ]
        target = ceil_div(referrals * thousandths(setting.value or 0), THOUSAND)
        for rank, (k, given) in enumerate(zip(chosen, accepted, strict=True), start=1):
            appointed = k not in instance.areas.leads[area]
            growth = int(min(used[k], providers.growth[k])) if appointed and k not in counted else 0
            counted |= {k} if appointed else set()
            short = max(0, target - sum(accepted)) if rank == 1 else 0
            rows.append(
                (
                    instance.areas.ids[area],
                    rank,
                    providers.ids[k],
                    _number(referrals, per),
                    _number(given, per),
                    _number(short, per),
                    _number(growth, 60),
                    instance.areas.names[area],
                    providers.names[k],
                )
            )
    columns = [
        "area_id",
        "rank",
        "provider_id",
        "referrals",
        "accepted",
        "short",
        "growth_hours_used",
        "area_name",
        "provider_name",
    ]
    return pd.DataFrame(rows, columns=columns)


def _number(count: int, per: int) -> str:
    """Write a count of steps in its unit, with no more digits than it needs."""
    return f"{count / per:.6f}".rstrip("0").rstrip(".")


def _money(pence: int) -> str:
    return f"{int(pence) // 100}.{int(pence) % 100:02d}"


def answer_tables(instance: Instance, solution: Solution) -> dict[str, pd.DataFrame]:
    """Return the answer as tables, by file name without its ending."""
    return {"allocation": allocation(instance, solution), "leads": leads(instance, solution)}
