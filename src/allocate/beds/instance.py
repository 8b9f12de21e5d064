"""The arrays of a winter beds question: labels become whole numbers here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from allocate.assume import Assumption, Assumptions
from allocate.beds.axes import SOURCES, Axes, build_axes
from allocate.beds.homes import Homes, build_homes
from allocate.beds.market import Market, build_market
from allocate.beds.offers import Offers, build_offers
from allocate.beds.payers import Payers, build_payers
from allocate.beds.prices import Prices, build_prices
from allocate.beds.stays import Stays, build_stays
from allocate.beds.vacancies import started
from allocate.beds.winters import Winters, build_winters
from allocate.errors import BadInput, Fault
from allocate.ruled import Ruled
from allocate.study.scenario import LevelWords, Question
from allocate.study.settings import effective_parameters
from allocate.tables import Tables
from allocate.units import THOUSAND, Floats, Ints

# What is true of every winter, whatever is decided, cannot be bought off; what is asked of it
# either binds or is reported.
ALWAYS_HARD = ("within_offer", "occupancy_within_booked", "spot_within_vacancy", "everyone_counted")
NEVER_SOFT = ("choice_respected", "admission_pace", "last_admission")


@dataclass(frozen=True)
class Instance(Ruled):
    """A winter beds question, ready for a formulation and for a review.

    Parameters
    ----------
    axes, homes, offers, stays, market, payers, prices, winters
        Arrays of each.
    mean
        People expected by the forecast, if the winters were drawn from it, (Z, G, T).
    backlog
        People who wait at the start, (Z, G).
    started
        Pence by source for people in a bed from the start, (P,).
    rules, parameters, levels
        Effective settings, and the objective.
    assumptions, warnings
        What was derived, and what is odd about the case but no fault.
    """

    axes: Axes
    homes: Homes
    offers: Offers
    stays: Stays
    market: Market
    payers: Payers
    prices: Prices
    winters: Winters
    mean: Floats | None
    backlog: Ints
    started: Ints
    parameters: Mapping[str, Any]
    levels: tuple[LevelWords, ...]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]

    def with_winters(self, winters: Winters) -> Instance:
        """Return the same question asked of other winters."""
        return replace(self, winters=winters)

    @property
    def came(self) -> Ints:
        """People who came up to each week, those who waited at the start among them, (S,Z,G,T)."""
        return np.cumsum(self.winters.arrivals, axis=-1) + self.backlog[None, :, :, None]

    def moves_on(self, zone: int, home_zone: int, care: int) -> int:
        """Thousandths of those in a booked bed who leave it for good for another home."""
        refuse = THOUSAND - int(self.market.permanent[zone, home_zone, care])
        return (2 * int(self.stays.for_good[care]) * refuse + THOUSAND) // (2 * THOUSAND)


def build(tables: Tables, question: Question) -> Instance:
    """Build the arrays of a question.

    Parameters
    ----------
    tables
        The case, the scenario's changes made.
    question
        Rules and parameters.

    Raises
    ------
    BadInput
        Where tables that are right one by one do not fit together.
    """
    parameters, faults = effective_parameters(question, tables)
    faults += _rule_faults(question)
    assume = Assumptions(tables)
    assume.stated("parameters", ["value"], but=tuple(question.parameters))
    axes, wrong = build_axes(tables)
    if wrong:  # nothing can be laid out along axes that are not right
        raise BadInput(str(tables.folder), [*faults, *wrong])
    homes, wrong = build_homes(tables, axes, parameters, assume)
    faults += wrong
    floor = question.rules["fee_floor"]
    offers, wrong = build_offers(tables, axes, homes, floor, parameters, assume)
    faults += wrong
    stays, wrong = build_stays(tables, axes, assume)
    faults += wrong
    market, wrong = build_market(tables, axes, floor, assume)
    faults += wrong
    payers, wrong = build_payers(tables, axes, parameters, assume)
    faults += wrong
    winters, mean, wrong = build_winters(tables, axes, homes, offers, stays, parameters, assume)
    faults += wrong
    if faults:
        raise BadInput(str(tables.folder), faults)
    return Instance(
        axes=axes,
        homes=homes,
        offers=offers,
        stays=stays,
        market=market,
        payers=payers,
        prices=build_prices(axes, stays, market, payers),
        winters=winters,
        mean=mean,
        backlog=_backlog(tables, axes),
        started=_started(tables, axes, stays, market, payers),
        rules=question.rules,
        parameters=parameters,
        levels=question.levels,
        assumptions=assume.listed(),
        warnings=_warnings(offers, homes),
    )


def _rule_faults(question: Question) -> list[Fault]:
    """Find modes that a rule of this model cannot have, and an objective that is not one sum."""
    faults = []
    for rule, modes in (
        *((rule, ("hard",)) for rule in ALWAYS_HARD),
        *((rule, ("hard", "report", "off")) for rule in NEVER_SOFT),
        ("tail_risk", ("soft", "report", "off")),
    ):
        mode = question.rules[rule].mode
        if mode not in modes:
            place = f"{question.name} [rules.{rule}]"
            problem = "the rule has no such mode in this model"
            remedy = f"Use one of: {', '.join(modes)}"
            faults.append(Fault(place, f'mode = "{mode}"', problem, remedy))
    budget = question.rules["within_budget"]
    if budget.mode == "soft" and budget.options["of"] == "winter":
        place = f"{question.name} [rules.within_budget]"
        problem = "what each winter costs in all can bind or be reported, not be priced"
        remedy = 'Use "hard" or "report", or of = "bookings"'
        faults.append(Fault(place, 'mode = "soft"', problem, remedy))
    if len(question.levels) != 1:
        place = f"{question.name} [objective]"
        problem = "winters are weighed against bookings in one sum, not level by level"
        faults.append(Fault(place, "levels", problem, "Give priced in place of levels"))
    elif "voids" in question.levels[0].terms:
        place = f"{question.name} [objective]"
        problem = "is what is left over, and is reported only"
        faults.append(Fault(place, "voids", problem, "Leave it out of the objective"))
    return faults


def _backlog(tables: Tables, axes: Axes) -> Ints:
    frame = tables["backlog"]
    people = np.zeros(axes.shape[:2], dtype=np.int64)
    at = axes.zone(frame["zone_id"]), axes.care_type(frame["care_type"])
    np.add.at(people, at, frame["people"].to_numpy(dtype=np.int64))
    return people


def _started(tables: Tables, axes: Axes, stays: Stays, market: Market, payers: Payers) -> Ints:
    """Pence by source for those who are in a bed when the winter begins, rounded half up once."""
    total = [Fraction(0)] * len(SOURCES)
    for z, g, people in started(tables, axes):
        for t in range(min(len(axes.starts), stays.weeks)):
            parts = payers.split(market.price(z, g, t), g, t)
            left = people * stays.left(g, t)
            total = [x + left * part / THOUSAND for x, part in zip(total, parts, strict=True)]
    return np.array([int(x + Fraction(1, 2)) for x in total], dtype=np.int64)


def _warnings(offers: Offers, homes: Homes) -> tuple[str, ...]:
    said = []
    short = (homes.admittable[offers.home] >= 0) & ~offers.extra
    short &= offers.most > homes.admittable[offers.home]
    if short.any():
        named = ", ".join(offers.ids[o] for o in np.flatnonzero(short)[:5])
        more = f" and {short.sum() - 5} more" if short.sum() > 5 else ""
        said.append(
            f"{short.sum()} offers are for more beds than their home can admit to now; only those "
            f"are booked: {named}{more}"
        )
    return tuple(said)
