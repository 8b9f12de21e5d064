"""The arrays of a home care question: labels become whole numbers here, once.

What a council left out is derived here too, and each derivation is noted as an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from allocate.assume import Assumption, Assumptions
from allocate.errors import BadInput
from allocate.homecare.areas import Areas, build_areas
from allocate.homecare.handbacks import hand_back
from allocate.homecare.labels import Bools, area_positions, place_names
from allocate.homecare.packages import Packages, build_packages
from allocate.homecare.pins import Pins, build_pins
from allocate.homecare.providers import Providers, build_providers, overfull
from allocate.homecare.rates import build_flow_rate, build_rates, raised, unpriced
from allocate.homecare.reach import build_reach
from allocate.ruled import Ruled
from allocate.study.scenario import Question
from allocate.study.settings import effective_parameters
from allocate.tables import Tables
from allocate.units import THOUSAND, Ints, ceil_div, thousandths


@dataclass(frozen=True)
class Instance(Ruled):
    """A home care question, ready for a formulation and for a review.

    Parameters
    ----------
    packages, providers, areas
        Arrays of each.
    places, place_names
        Labels of places, and their names or, where they have none, their labels.
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
    place_names: tuple[str, ...]
    area_of_place: Ints
    reach: Bools
    travel: Ints
    rate: Ints
    rate_before: Ints
    flow_rate: int
    closed: Bools
    pins: Pins
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
        each = 365 * self.flow_rate * self.paid_share  # in Python's integers, which do not overflow
        drawn = [ceil_div(flow * each, 60 * THOUSAND) for flow in self.areas.flow.tolist()]
        return np.array(drawn, dtype=np.int64)


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
    assume.stated("parameters", ["value"], but=tuple(question.parameters))
    # Of the card's own values this one alone multiplies every pound.
    if "paid_share" not in {*tables["parameters"]["parameter_id"], *question.parameters}:
        text = "all planned hours are paid (paid_share 1)"
        assume.note("parameters", "value", ["paid_share"], 1, text)
    places = tuple(tables["place_areas"]["place_id"])
    packages, wrong = build_packages(tables, parameters, assume)
    faults += wrong
    providers = build_providers(tables, parameters, packages, assume)
    areas, wrong = build_areas(tables, providers.ids, question.rules["leads_per_area"], assume)
    faults += wrong
    packages, providers, areas, closed, handed_back = hand_back(tables, packages, providers, areas)
    reach, travel = build_reach(tables, packages, providers.ids, places, parameters, assume)
    rate_before = build_rates(tables, providers.ids, places, parameters, assume)
    rate = raised(rate_before, question.rules["rate_floor"])
    faults += unpriced(rate_before, reach, packages, providers.ids, places)
    instance = Instance(
        packages=packages,
        providers=providers,
        areas=areas,
        places=places,
        place_names=place_names(tables),
        area_of_place=area_positions(tables),
        reach=reach,
        travel=travel,
        rate=rate,
        rate_before=rate_before,
        flow_rate=build_flow_rate(tables, parameters, question.rules["rate_floor"], assume),
        closed=closed,
        pins=Pins.none(packages.ids, areas.ids, providers.ids),
        rules=question.rules,
        parameters=parameters,
        paid_share=thousandths(parameters["paid_share"]),
        assumptions=assume.listed(),
        warnings=(*areas.warnings, *overfull(packages, providers)),
        handed_back=handed_back,
    )
    pins, wrong = build_pins(tables, instance)
    faults += wrong
    if faults:
        raise BadInput(str(tables.folder), faults)
    return replace(instance, pins=pins)
