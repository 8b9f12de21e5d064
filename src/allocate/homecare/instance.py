"""The arrays of a home care question: labels become whole numbers here, once.

What a council left out is derived here too, and each derivation is noted as an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.errors import BadInput, Fault
from allocate.homecare.areas import Areas, build_areas
from allocate.homecare.assume import Assumption, Assumptions
from allocate.homecare.pins import Pins, build_pins
from allocate.homecare.reach import build_reach
from allocate.study.scenario import Question, Setting, effective_parameters
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, as_hours, ceil_div, minutes, pence, thousandths

Bools = NDArray[np.bool_]

PLACED, WAITING, HANDED_BACK = 0, 1, 2
STATUSES = ("placed", "waiting", "handed_back")
RATINGS = ("Outstanding", "Good", "Requires improvement", "Inadequate")
BANDS = ("morning", "lunch", "tea", "bed")
NO_BAND = -1  # a provider that states no limit at that time of day


@dataclass(frozen=True)
class Packages:
    """Care packages, P of them.

    Parameters
    ----------
    ids
        Labels.
    place, area
        Positions, (P,).
    minutes
        Carer-minutes a week: planned time times carers, (P,).
    planned
        Planned minutes a week, (P,).
    visits
        Visits a week, (P,).
    status
        ``PLACED``, ``WAITING`` or ``HANDED_BACK``, (P,).
    provider
        Present or last provider, -1 where there is none, (P,).
    weight
        Priority weight, thousandths, (P,).
    days
        Days waited, (P,).
    choice
        Provider asked for, or -1, (P,).
    locked
        Never moved, (P,).
    household
        Household, or -1, (P,).
    needs
        Special needs, (P, N).
    transfer
        Share of staff that follows a handed-back package, thousandths, (P,).
    bands
        Carer-minutes by time of day, (P, 4).
    """

    ids: tuple[str, ...]
    place: Ints
    area: Ints
    minutes: Ints
    planned: Ints
    visits: Ints
    status: Ints
    provider: Ints
    weight: Ints
    days: Ints
    choice: Ints
    locked: Bools
    household: Ints
    needs: Bools
    transfer: Ints
    bands: Ints

    @property
    def referral(self) -> Bools:
        """Packages to be placed: waiting or handed back, (P,)."""
        return self.status != PLACED

    @property
    def load(self) -> Ints:
        """Carer-minutes that a package takes of a provider's own capacity, (P,).

        Of a handed-back package the share of staff that follows it brings its own capacity.
        """
        return ceil_div(self.minutes * (THOUSAND - self.transfer), THOUSAND)

    @property
    def band_load(self) -> Ints:
        """The same by time of day, (P, 4)."""
        return ceil_div(self.bands * (THOUSAND - self.transfer)[:, None], THOUSAND)


@dataclass(frozen=True)
class Providers:
    """Providers, K of them.

    Parameters
    ----------
    ids, names
        Labels.
    owner
        Owner, (K,); ``owners`` holds the labels.
    rating
        Position in ``RATINGS``, not yet rated standing where the parameter puts it, (K,).
    suspended, can_lead
        (K,).
    capacity
        Carer-minutes a week, what follows handed-back work already taken off, (K,).
    growth
        Carer-minutes a week that are counted on if newly appointed lead, haircut taken, (K,).
    ramp
        Weeks that the growth takes, -1 where that is not stated, (K,).
    surge_share
        Share of its capacity that a provider can staff beyond it for a few weeks, thousandths.
    needs
        Special needs it can meet, (K, N).
    bands
        Carer-minutes by time of day, -1 where there is no limit, (K, 4).
    band_growth
        Part of the growth in each band, (K, 4).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    owner: Ints
    owners: tuple[str, ...]
    rating: Ints
    suspended: Bools
    can_lead: Bools
    capacity: Ints
    growth: Ints
    ramp: Ints
    surge_share: int
    needs: Bools
    bands: Ints
    band_growth: Ints

    @property
    def surge(self) -> Ints:
        """Carer-minutes a week for a few weeks when another owner fails, (K,)."""
        return self.capacity * self.surge_share // THOUSAND


@dataclass(frozen=True)
class Instance:
    """A home care question, ready for a formulation and for a review.

    Parameters
    ----------
    packages, providers, areas
        Arrays of each.
    places
        Labels of places.
    area_of_place
        (L,).
    reach
        Whether a provider works in a place, (K, L).
    travel
        Minutes for one visit, (K, L).
    rate
        Pence a carer-hour, the floor already paid where the rule raises, (K, L).
    rate_before
        The same before the floor, (K, L).
    flow_rate
        Pence a carer-hour of work that is yet to start.
    closed
        Providers that handed back an area's packages take no new ones there, (K, A).
    pins
        What a person has decided.
    rules, parameters
        Effective settings.
    assumptions
        What was derived.
    warnings
        What is odd about the case but no fault.
    handed_back
        Each hand-back in words.
    """

    packages: Packages
    providers: Providers
    areas: Areas
    places: tuple[str, ...]
    area_of_place: Ints
    reach: Bools
    travel: Ints
    rate: Ints
    rate_before: Ints
    flow_rate: int
    closed: Bools
    pins: Pins
    rules: Mapping[str, Setting]
    parameters: Mapping[str, Any]
    paid_share: int
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    handed_back: tuple[str, ...] = ()

    @property
    def budget_flow(self) -> Ints:
        """365ths of a penny that expected starts less ends draw from each budget, up, (A,).

        In these steps yearly cash over whole weeks is whole, so that rounding up once is exact.
        """
        drawn = 365 * self.areas.flow * self.flow_rate * self.paid_share
        return ceil_div(drawn, 60 * THOUSAND)

    def elastic(self) -> Instance:
        """Return the same question with every hard rule soft at its price.

        What cannot all be met then shows as the rules that are short.
        """
        rules = {
            name: replace(setting, mode="soft" if setting.mode == "hard" else "report")
            if setting.mode in ("hard", "soft")
            else setting
            for name, setting in self.rules.items()
        }
        return replace(self, rules=rules)


def build(tables: Tables, question: Question) -> Instance:
    """Build the arrays of a question.

    Parameters
    ----------
    tables
        The case, the scenario's changes made.
    question
        Rules and parameters.

    Returns
    -------
    Instance
        The arrays.

    Raises
    ------
    BadInput
        Where tables that are right one by one do not fit together: a package without a rate, a pin
        against a rule, an area with more leads than allowed.
    """
    parameters, faults = effective_parameters(question, tables)
    assume = Assumptions(tables)
    places = tuple(tables["place_areas"]["place_id"])
    packages, wrong = _packages(tables, parameters, assume)
    faults += wrong
    providers = _providers(tables, parameters, packages, assume)
    areas, wrong = build_areas(tables, providers.ids, question.rules["leads_per_area"], assume)
    faults += wrong
    packages, providers, areas, closed, handed_back = _hand_back(tables, packages, providers, areas)
    reach, travel = build_reach(tables, packages, providers.ids, places, parameters, assume)
    rate_before = _rates(tables, providers.ids, places, parameters, assume)
    rate = _raised(rate_before, question.rules["rate_floor"])
    faults += _unpriced(rate_before, reach, packages, providers.ids, places)
    instance = Instance(
        packages=packages,
        providers=providers,
        areas=areas,
        places=places,
        area_of_place=_area_positions(tables),
        reach=reach,
        travel=travel,
        rate=rate,
        rate_before=rate_before,
        flow_rate=_flow_rate(tables, parameters, question.rules["rate_floor"], assume),
        closed=closed,
        pins=Pins.none(packages.ids, areas.ids, providers.ids),
        rules=question.rules,
        parameters=parameters,
        paid_share=thousandths(parameters["paid_share"]),
        assumptions=assume.listed(),
        warnings=areas.warnings,
        handed_back=handed_back,
    )
    pins, wrong = build_pins(tables, instance)
    faults += wrong
    if faults:
        raise BadInput(str(tables.folder), faults)
    return replace(instance, pins=pins)


def positions(labels: Any, known: Any) -> Ints:
    """Positions of labels in a list of known ones, -1 where a label is empty or unknown."""
    return pd.Index(known).get_indexer(pd.Index(labels)).astype(np.int64)


def _packages(
    tables: Tables, parameters: Mapping[str, Any], assume: Assumptions
) -> tuple[Packages, list[Fault]]:
    frame = tables["packages"]
    provider = positions(frame["provider_id"], tables["providers"]["provider_id"])
    status = frame["status"].where(
        frame["status"] != "", np.where(provider >= 0, "placed", "waiting")
    )
    assume.blank("packages", "status", "placed where a provider is named, else waiting")
    homeless = (status == "placed") & (provider < 0)
    faults = [
        Fault(
            f"packages.csv {line}",
            'status = "placed"',
            "no provider is named",
            "Name the provider, or set status to waiting",
        )
        for line in status.index[homeless]
    ]
    status = status.mask(homeless, "waiting")
    carers = assume.filled("packages", "carers", 1, "one carer a visit")
    planned = minutes(frame["hours_per_week"])
    each = float(parameters["assumed_visit_minutes"])
    visits = assume.filled(
        "packages", "visits_per_week", np.ceil(planned / each), f"visits of {each:g} minutes"
    )
    priority = frame["priority"].where(frame["priority"] != "", "3")
    assume.blank("packages", "priority", "3 (routine)")
    weights = {key: thousandths(parameters[f"priority_weight_{key}"]) for key in ("1", "2", "3")}
    referral = (status != "placed").to_numpy()
    days = assume.filled("packages", "days_waiting", 0, "not counted as waited at all", referral)
    area_of = dict(zip(tables["place_areas"]["place_id"], _area_positions(tables), strict=True))
    household = frame["household_id"]
    code = positions(status, STATUSES)
    transfer = thousandths(parameters["staff_transfer_share"])
    packages = Packages(
        ids=tuple(frame["package_id"]),
        place=positions(frame["place_id"], tables["place_areas"]["place_id"]),
        area=frame["place_id"].map(area_of).to_numpy(dtype=np.int64),
        minutes=planned * carers.astype(np.int64),
        planned=planned,
        visits=visits.astype(np.int64),
        status=code,
        provider=np.where(code == WAITING, -1, provider),
        weight=np.array([weights[key] for key in priority], dtype=np.int64),
        days=days.astype(np.int64),
        choice=positions(frame["choice_id"], tables["providers"]["provider_id"]),
        locked=frame["locked"].eq(True).to_numpy(dtype=bool),
        household=np.where(household == "", -1, positions(household, household.unique())),
        needs=_needs(frame["needs"], _all_needs(tables)),
        transfer=np.where(code == HANDED_BACK, transfer, 0),
        bands=_package_bands(tables) * carers.astype(np.int64)[:, None],
    )
    return packages, faults


def _area_positions(tables: Tables) -> Ints:
    return positions(tables["place_areas"]["area_id"], area_ids(tables))


def area_ids(tables: Tables) -> tuple[str, ...]:
    """Labels of areas: of the areas table, or of the places where there is none."""
    if tables.has("areas"):
        return tuple(tables["areas"]["area_id"])
    return tuple(sorted(tables["place_areas"]["area_id"].unique()))


def _all_needs(tables: Tables) -> list[str]:
    cells = pd.concat([tables["packages"]["needs"], tables["providers"]["needs"]])
    return sorted({need.casefold() for cell in cells for need in cell})


def _needs(cells: pd.Series[Any], known: list[str]) -> Bools:
    table = np.zeros((len(cells), len(known)), dtype=bool)
    column = {need: number for number, need in enumerate(known)}
    for row, cell in enumerate(cells):
        for need in cell:
            table[row, column[need.casefold()]] = True
    return table


def _package_bands(tables: Tables) -> Ints:
    frame = tables["package_bands"].set_index("package_id")
    frame = frame.reindex(tables["packages"]["package_id"]).fillna(0)
    return np.column_stack([minutes(frame[f"{band}_hours"]) for band in BANDS])


def _providers(
    tables: Tables, parameters: Mapping[str, Any], packages: Packages, assume: Assumptions
) -> Providers:
    frame = tables["providers"]
    ids = tuple(frame["provider_id"])
    present = _present_work(packages, len(ids))
    headroom = float(parameters["assumed_headroom"])
    derived = np.floor(present * (1 + headroom)) / 60
    note = f"present work plus {headroom:.0%} headroom"
    capacity = minutes(assume.filled("providers", "capacity_hours", derived, note))
    can_lead = _can_lead(frame["can_lead"], assume)
    stated = minutes(
        assume.filled("providers", "growth_hours", 0, "no growth if appointed", can_lead)
    )
    growth = stated * thousandths(parameters["growth_haircut"]) // THOUSAND
    owner = frame["owner_id"].where(frame["owner_id"] != "", frame["provider_id"])
    assume.blank("providers", "owner_id", "the provider itself")
    owners = tuple(sorted(owner.unique()))
    unrated = str(parameters["not_yet_rated_as"])
    rating = frame["cqc_rating"].replace({"": unrated, "not yet rated": unrated})
    assume.blank("providers", "cqc_rating", f"not yet rated, taken as {unrated}")
    known_needs = _all_needs(tables)
    needs = _needs(frame["needs"], known_needs)
    if known_needs and not needs.any():
        assume.note("providers", "needs", len(ids), "every provider meets every need")
        needs[:] = True
    bands = _provider_bands(tables)
    return Providers(
        ids=ids,
        names=tuple(frame["name"].where(frame["name"] != "", frame["provider_id"])),
        owner=positions(owner, owners),
        owners=owners,
        rating=positions(rating, RATINGS),
        suspended=frame["suspended"].eq(True).to_numpy(dtype=bool),
        can_lead=can_lead,
        capacity=capacity,
        growth=growth,
        ramp=frame["growth_ramp_weeks"].fillna(-1).to_numpy(dtype=np.int64),
        surge_share=thousandths(parameters["surge_share"]),
        needs=needs,
        bands=bands,
        band_growth=_band_growth(bands, growth),
    )


def _present_work(packages: Packages, size: int) -> Ints:
    """Minutes that each provider delivers now, or did before it handed them back, (K,)."""
    held = packages.provider >= 0
    return np.bincount(
        packages.provider[held], weights=packages.minutes[held], minlength=size
    ).astype(np.int64)


def _can_lead(column: pd.Series[Any], assume: Assumptions) -> Bools:
    if column.isna().all():
        assume.note("providers", "can_lead", len(column), "every provider may lead")
        return np.ones(len(column), dtype=bool)
    assume.blank("providers", "can_lead", "may not lead")
    return column.eq(True).to_numpy(dtype=bool)


def _provider_bands(tables: Tables) -> Ints:
    frame = tables["provider_bands"].set_index("provider_id")
    frame = frame.reindex(tables["providers"]["provider_id"])
    columns = [frame[f"{band}_hours"] for band in BANDS]
    return np.column_stack([np.where(c.isna(), NO_BAND, minutes(c.fillna(0))) for c in columns])


def _band_growth(bands: Ints, growth: Ints) -> Ints:
    """Share growth over a provider's bands in proportion to them, rounded down."""
    known = np.maximum(bands, 0)
    total = np.maximum(known.sum(axis=1), 1)
    return known * growth[:, None] // total[:, None]


def _hand_back(
    tables: Tables, packages: Packages, providers: Providers, areas: Areas
) -> tuple[Packages, Providers, Areas, Bools, tuple[str, ...]]:
    """Make the hand-backs: packages change status, capacity follows staff, lead roles end."""
    status, transfer = packages.status.copy(), packages.transfer.copy()
    closed = np.zeros((len(providers.ids), len(areas.ids)), dtype=bool)
    gone = np.zeros(len(providers.ids), dtype=bool)
    leads = [list(lead) for lead in areas.leads]
    ended = np.zeros((len(areas.ids), len(providers.ids)), dtype=bool)
    notes = []
    for row in tables["handbacks"].to_dict("records"):
        provider, kind = providers.ids.index(row["provider_id"]), row["kind"]
        everywhere = list(range(len(areas.ids)))
        chosen = [areas.ids.index(row["area_id"])] if row["area_id"] else everywhere
        if kind in ("lead role", "leaves"):
            ended[chosen, provider] = True
            for area in chosen:
                leads[area] = [lead for lead in leads[area] if lead != provider]
        if kind in ("packages", "leaves"):
            given = (packages.provider == provider) & np.isin(packages.area, chosen)
            given &= packages.status == PLACED
            status[given] = HANDED_BACK
            share = row["staff_transfer_share"]
            transfer[given] = 0 if np.isnan(share) else thousandths(share)
            closed[provider, chosen] = True
        given_now = given if kind != "lead role" else np.zeros_like(packages.locked)
        notes.append(_hand_back_words(row, packages, given_now))
        gone[provider] |= kind == "leaves" and not row["area_id"]
    given_back = (status == HANDED_BACK) & (packages.status == PLACED)
    packages = replace(packages, status=status, transfer=transfer)
    # Who hands work back has not the staff for it: none of that capacity is left for other work.
    # Where a contract merely ends, only the staff that follows the work is lost.
    lost = np.where(given_back, packages.minutes, packages.minutes - packages.load)
    held = packages.provider >= 0
    capacity = providers.capacity.copy()
    np.subtract.at(capacity, packages.provider[held], lost[held])
    capacity = np.where(gone, 0, np.maximum(capacity, 0))
    lost_bands = np.where(given_back[:, None], packages.bands, packages.bands - packages.band_load)
    bands = np.maximum(providers.bands, 0)
    np.subtract.at(bands, packages.provider[held], lost_bands[held])
    bands = np.where(providers.bands >= 0, np.maximum(bands, 0), NO_BAND)
    providers = replace(
        providers,
        capacity=capacity,
        bands=np.where(gone[:, None] & (bands >= 0), 0, bands),
        growth=np.where(gone, 0, providers.growth),
        suspended=providers.suspended | gone,
    )
    opened = replace(areas, leads=tuple(tuple(lead) for lead in leads), ended=ended)
    return packages, providers, opened, closed, tuple(notes)


def _hand_back_words(row: dict[Any, Any], packages: Packages, given: Bools) -> str:
    """Say one hand-back in words."""
    where = f" in {row['area_id']}" if row["area_id"] else ""
    hours = as_hours(packages.minutes[given].sum())
    work = f"{given.sum():,} packages{where}, {hours} hours a week"
    what = {
        "lead role": f"gives up the lead role{where}",
        "packages": f"hands back {work}",
        "leaves": f"leaves, with {work}",
    }[str(row["kind"])]
    share, weeks = row["staff_transfer_share"], row["notice_weeks"]
    follow = "" if np.isnan(share) or not share else f"; {share:.0%} of the staff follow"
    notice = "" if np.isnan(weeks) else f"; notice {weeks:.0f} weeks"
    last = f"; last day {row['last_day']:%d/%m/%Y}" if row["last_day"] else ""
    return f"{row['provider_id']} {what}{follow}{notice}{last}."


def _rates(
    tables: Tables,
    providers: tuple[str, ...],
    places: tuple[str, ...],
    parameters: Mapping[str, Any],
    assume: Assumptions,
) -> Ints:
    """Pence a carer-hour, -1 where no row gives one, (K, L): the most specific row wins."""
    rate = np.full((len(providers), len(places)), -1, dtype=np.int64)
    if parameters["rate_pounds_per_hour"] is not None:
        rate[:] = pence(parameters["rate_pounds_per_hour"])
        if not tables.has("rates"):
            assume.note("rates", "rate_pounds_per_hour", 1, "one rate for everyone, everywhere")
    frame = tables["rates"]
    specific = (frame["provider_id"] != "") * 2 + (frame["place_id"] != "") * 1
    for line in specific.sort_values(kind="stable").index:
        row = frame.loc[line]
        here = slice(None) if row["place_id"] == "" else places.index(row["place_id"])
        who = slice(None) if row["provider_id"] == "" else providers.index(row["provider_id"])
        rate[who, here] = pence(row["rate_pounds_per_hour"])
    return rate


def _flow_rate(
    tables: Tables, parameters: Mapping[str, Any], floor: Setting, assume: Assumptions
) -> int:
    """Return what work yet to start costs: the general rate, or the mean of all."""
    frame = tables["rates"]
    rows = frame[(frame["provider_id"] == "") & (frame["place_id"] == "")]
    if rows.empty and parameters["rate_pounds_per_hour"] is not None:
        pounds = float(parameters["rate_pounds_per_hour"])
    else:
        pounds = float((frame if rows.empty else rows)["rate_pounds_per_hour"].mean())
        if rows.empty:
            count = len(tables["starts"]) + len(tables["ends"])
            assume.note("starts and ends", "rate", count, "the mean of all rows of rates")
    rate = np.array([0 if np.isnan(pounds) else pence(pounds)], dtype=np.int64)
    return int(_raised(rate, floor)[0])


def _raised(rate: Ints, setting: Setting) -> Ints:
    if setting.mode != "raise" or setting.value is None:
        return rate
    return np.where(rate >= 0, np.maximum(rate, pence(setting.value)), rate)


def _unpriced(
    rate: Ints,
    reach: Bools,
    packages: Packages,
    providers: tuple[str, ...],
    places: tuple[str, ...],
) -> list[Fault]:
    """Find pairs that could be used and have no rate."""
    needed = reach.copy()
    placed = packages.status == PLACED
    needed[packages.provider[placed], packages.place[placed]] = True
    missing = np.argwhere(needed & (rate < 0))
    remedy = (
        "Add a row to rates.csv with provider_id and place_id empty, "
        "or set the parameter rate_pounds_per_hour"
    )
    return [
        Fault("rates.csv", "", f"no rate covers {providers[k]} in {places[place]}", remedy)
        for k, place in missing.tolist()
    ]
