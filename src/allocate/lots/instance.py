"""The arrays of a lots question: labels become whole numbers here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from allocate.assume import Assumption, Assumptions
from allocate.core.connected_lots import MOST_CELLS
from allocate.errors import BadInput, Fault
from allocate.labels import positions
from allocate.lots.asks import Asks, build_asks
from allocate.lots.auction import Auction, build_auction
from allocate.lots.axes import axes_faults
from allocate.lots.bidders import Bidders, build_bidders
from allocate.lots.cells import Cells, build_cells, strangers
from allocate.lots.designs import Design, build_designs
from allocate.lots.notice import read_notice, settings_of, stands
from allocate.lots.pins import Pins, build_pins
from allocate.lots.published import contradictions
from allocate.lots.sheets import Work, build_work
from allocate.ruled import Ruled
from allocate.study.scenario import Question, Setting
from allocate.study.settings import effective_parameters
from allocate.tables import Tables
from allocate.units import Ints, pence, thousandths

# Lots are drawn of whole cells that hang together; what else may be asked of them can be priced.
ALWAYS_HARD = ("each_cell_once", "connected", "number_of_lots")
# What rules may be where lots are drawn by centres.
MANY_MODES = {
    "balanced": ("hard",),
    "kept_together": ("hard",),
    "value_limits": ("report", "off"),
    "enough_bidders": ("report", "off"),
}
ON_LOTS = (*ALWAYS_HARD, "balanced", "value_limits", "enough_bidders", "kept_together")
ON_AWARD = (
    *("one_winner_per_lot", "within_capacity", "turnover_limit", "award_limit", "share_limit"),
    *("winners_range", "quality_floor", "rate_floor", "step_in", "sme_share"),
)


@dataclass(frozen=True)
class Instance(Ruled):
    """A lots question, ready for a formulation and for a review.

    Parameters
    ----------
    cells, bidders
        Arrays of each.
    asks
        What bidders would ask for lots that are not drawn yet.
    work
        Packages as lot sheets tell of them.
    given
        Lot of each cell where lots are given, (C,); None where they are to be drawn.
    lots
        Labels of given lots.
    numbers
        Numbers of lots that may be drawn.
    auction
        Bids on given lots; None where there are none.
    pinned
        Bids that a person has decided on.
    designs
        Designs to set side by side; none where one plan is asked for.
    rules, parameters
        Effective settings.
    assumptions, warnings
        What was derived, and what is odd about the case but no fault.
    """

    cells: Cells
    bidders: Bidders
    work: Work
    asks: Asks
    given: Ints | None
    lots: tuple[str, ...]
    numbers: range
    auction: Auction | None
    pinned: Pins
    designs: tuple[Design, ...]
    parameters: Mapping[str, Any]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]

    @property
    def answered_by(self) -> str:
        """Designs are set side by side."""
        return "allocate.designing" if self.designs else ""

    @property
    def followed_by(self) -> str:
        """An award is followed by its ties, the next best, and what each bid lacked."""
        return "" if self.auction is None else "allocate.awarding"

    @property
    def lot_of_cell(self) -> list[int]:
        """Lot of each cell where lots are given; empty where they are to be drawn."""
        return [] if self.given is None else [int(lot) for lot in self.given]

    @property
    def size(self) -> Ints:
        """What the rule ``balanced`` counts, in whole steps, (C,)."""
        return self.cells.size(self.rules["balanced"])

    @property
    def parted(self) -> bool:
        """Whether there are too many places to list all lots."""
        drawn = self.given is None and self.cells.table == "places"
        return drawn and len(self.cells.ids) > MOST_CELLS

    @property
    def lot_cost(self) -> int:
        """Pence a year that one lot costs the council."""
        return int(pence(self.parameters["lot_pounds_per_year"]))


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
    assume = Assumptions(tables)
    assume.stated("parameters", ["value"], but=tuple(question.parameters))
    rate = int(pence(parameters["rate_pounds_per_hour"]))
    paid = thousandths(parameters["paid_share"])
    by = str(question.rules["balanced"].options["by"])
    cells, wrong = build_cells(tables, rate, paid, by, assume)
    faults += [*wrong, *_mode_faults(question)]
    if cells is None or faults:
        raise BadInput(str(tables.folder), faults)
    bidders, faults = build_bidders(tables, cells, parameters, assume)
    lots, given, wrong = _given(tables, cells)
    faults += wrong
    asks, wrong = build_asks(tables, cells, bidders)
    faults += wrong
    designs, wrong = build_designs(tables, cells)
    faults += wrong
    notice, published, wrong = read_notice(tables)
    faults += wrong
    auction, wrong = build_auction(tables, cells, bidders, lots, given, notice)
    faults += wrong
    pinned, wrong = build_pins(tables, lots, auction)
    faults += wrong
    rules = dict(question.rules)
    if notice.published:
        rules, wrong = settings_of(rules, published, tables.card, ON_AWARD)
        faults += wrong
    if auction is not None:
        faults += (
            contradictions(auction, bidders, rules, stands(tables)) if notice.published else []
        )
        faults += _award_faults(question, rules)
    numbers, wrong = _numbers(question, cells, bidders, lots)
    faults += wrong
    if cells.table == "places" and not lots and not designs and len(cells.ids) > MOST_CELLS:
        faults += _many_faults(question, numbers)
    if cells.table == "cells" and not lots:
        faults += [*axes_faults(cells), *_service_faults(question)]
    if faults:
        raise BadInput(str(tables.folder), faults)
    if lots:  # nothing about them is decided
        rules |= {rule: replace(rules[rule], mode="report") for rule in ON_LOTS}
    if not bidders.ids:  # nobody says who might bid
        rules["enough_bidders"] = replace(rules["enough_bidders"], mode="off")
    if cells.table == "cells":  # services have values, and value_limits speaks of those
        rules["balanced"] = replace(rules["balanced"], mode="off")
    return Instance(
        cells=cells,
        bidders=bidders,
        work=build_work(tables, cells.ids),
        asks=asks,
        given=given,
        lots=lots,
        numbers=numbers,
        auction=auction,
        pinned=pinned,
        designs=designs,
        rules=rules,
        parameters=parameters,
        assumptions=assume.listed(),
        warnings=_islands(cells),
    )


def _award_faults(question: Question, rules: Mapping[str, Setting]) -> list[Fault]:
    """Find modes in which rules on award cannot stand."""
    found = {}
    if rules["rate_floor"].binds:
        problem = "an abnormally low bid is a question for a person, and no reason to bar it"
        found["rate_floor"] = (problem, 'Use "report"')
    if not rules["one_winner_per_lot"].binds:
        problem = "without it nothing would be let"
        found["one_winner_per_lot"] = (problem, 'Use "hard", or "soft" with a price')
    return [
        Fault(f"{question.name} [rules.{rule}]", f'mode = "{rules[rule].mode}"', *words)
        for rule, words in found.items()
    ]


def _mode_faults(question: Question) -> list[Fault]:
    return [
        Fault(
            f"{question.name} [rules.{rule}]",
            f'mode = "{question.rules[rule].mode}"',
            "the rule always binds in this model",
            'Use "hard"',
        )
        for rule in ALWAYS_HARD
        if question.rules[rule].mode != "hard"
    ]


def _given(tables: Tables, cells: Cells) -> tuple[tuple[str, ...], Ints | None, list[Fault]]:
    """Lots that are given, and cells that are in none of them."""
    frame = tables["lots"]
    if frame.empty:
        return (), None, []
    faults = strangers("lots", frame, cells)
    lots = tuple(dict.fromkeys(frame["lot_id"]))
    lot_of = dict(zip(frame["cell_id"], frame["lot_id"], strict=True))
    faults += [
        Fault("lots.csv", f'cell_id = "{cell}"', "is in no lot", "Add a row that gives its lot")
        for cell in cells.ids
        if cell not in lot_of
    ]
    return lots, positions([lot_of.get(cell, "") for cell in cells.ids], lots), faults


def _many_faults(question: Question, numbers: range) -> list[Fault]:
    """Find what cannot be asked of so many places that not all lots are listed."""
    faults = [
        Fault(
            f"{question.name} [rules.{rule}]",
            f'mode = "{question.rules[rule].mode}"',
            f"with more than {MOST_CELLS} places the rule can be {' or '.join(modes)}",
            "Change the mode, or draw lots of larger places",
        )
        for rule, modes in MANY_MODES.items()
        if question.rules[rule].mode not in modes
    ]
    if [dict(level.terms) for level in question.levels] != [{"travel": 1.0}]:
        place = f"{question.name} [objective]"
        problem = f"with more than {MOST_CELLS} places lots are drawn by distance alone"
        faults.append(Fault(place, "", problem, 'Give levels = ["travel"]'))
    if len(numbers) > 1:
        place = f"{question.name} [rules.number_of_lots]"
        problem = f"with more than {MOST_CELLS} places one number of lots is drawn at a time"
        faults.append(Fault(place, "", problem, "Let minimum be maximum"))
    return faults


def _service_faults(question: Question) -> list[Fault]:
    """Find what lots of a service list cannot be asked: they are weighed in one sum of points."""
    faults = [
        Fault(
            f"{question.name} [rules.{rule}]",
            'mode = "hard"',
            "with services the rule is weighed, not required",
            'Use "soft" with a price, or "report"',
        )
        for rule in ("value_limits", "enough_bidders")
        if question.rules[rule].mode == "hard"
    ]
    terms = {term for level in question.levels for term in level.terms}
    if len(question.levels) > 1 or not terms <= {"administration", "shortfalls"}:
        place = f"{question.name} [objective]"
        problem = "lots of services are weighed in one sum of administration and shortfalls"
        remedy = "Give priced = { administration = 1, shortfalls = 1 }"
        faults.append(Fault(place, "", problem, remedy))
    return faults


def _numbers(
    question: Question, cells: Cells, bidders: Bidders, lots: tuple[str, ...]
) -> tuple[range, list[Fault]]:
    """Numbers of lots that may be drawn.

    Nought stands for as many as there are areas now; with services, for any number up to one fewer
    than owners who may bid (M. Giosa, European Procurement & PPP Law Review 13, 2018).
    """
    if lots:
        return range(len(lots), len(lots) + 1), []
    options = question.rules["number_of_lots"].options
    place = f"{question.name} [rules.number_of_lots]"
    else_least, else_most = len(cells.areas), len(cells.areas)
    if cells.table == "cells":
        else_least, else_most = 1, max(1, (len(bidders.owners) or len(cells.ids) + 1) - 1)
    least = int(options["minimum"]) or else_least
    most = int(options["maximum"]) or else_most
    cell = f"minimum = {least}, maximum = {most}"
    if not least or not most:
        problem = "nothing says how many lots there are to be"
        return range(1), [Fault(place, cell, problem, "Give minimum and maximum")]
    if least > most:
        return range(1), [Fault(place, cell, "minimum is above maximum", "Raise maximum too")]
    if least > len(cells.ids):
        problem = f"there are {len(cells.ids)} of {cells.table}.csv, and no lot may be empty"
        return range(1), [Fault(place, cell, problem, "Ask for fewer lots")]
    return range(least, min(most, len(cells.ids)) + 1), []


def _islands(cells: Cells) -> tuple[str, ...]:
    """Report parts of the map that no border and no crossing joins."""
    if cells.table != "places":
        return ()
    parts = sorted(nx.connected_components(cells.graph), key=len)
    return tuple(
        f"{', '.join(cells.names[i] for i in sorted(part)[:5])}"
        f"{f' and {len(part) - 5} more' if len(part) > 5 else ''}: no border and no crossing joins "
        f"{'it' if len(part) == 1 else 'them'} to the rest, so no lot can"
        for part in parts[:-1]
    )
