"""Designs side by side: lots drawn, everybody placed inside them, and each owner's failure.

For each design all plans of lots are priced at once, place by place under each lead; the best by
that bound are solved whole with the home care model, two at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import inf
from typing import Any

from allocate.asked import Asked, prepare
from allocate.core.outcome import Watch
from allocate.errors import ReviewFailed
from allocate.homecare.review import review as care_review
from allocate.homecare.solution import Solution as Placed
from allocate.homecare.solution import read_plan
from allocate.lots.bidders import small_firms
from allocate.lots.care_prices import CareCosts, CarePrices, care_costs
from allocate.lots.design_row import DesignRow, figures
from allocate.lots.design_tables import design_tables, sections
from allocate.lots.designs import Design
from allocate.lots.plan_bounds import Survivor, Survivors, survivors
from allocate.lots.review import MEASURES
from allocate.lots.solution import Solution
from allocate.record import Answer
from allocate.result import Result
from allocate.study.scenario import Change, Question
from allocate.study.scenario_file import question_of

AT_ONCE = 2
FAR = 0.02  # above its bound: such a design is solved once more, whoever leads
AGAIN = 2.0  # times as long


def _value(result: Result) -> float:
    """Points of an answer, infinite without one."""
    return float(result.levels[0].objective) if result.levels else inf


@dataclass(frozen=True)
class _Try:
    """A plan of a design, to be solved whole.

    Parameters
    ----------
    design, among, plan
        The design, what is known of its plans, and the plan; None where nothing is let.
    """

    design: Design
    among: Survivors | None
    plan: Survivor | None


def solve_designs(answer: Answer, watch: Watch, method: str) -> Result:
    """Set the designs of a lots question side by side.

    Parameters
    ----------
    answer
        The question, its limits and clock.
    watch
        Progress out, the wish to stop in.
    method
        Engine of the home care model.
    """
    with answer.clock.phase("solve"):
        study = _Study(answer.asked, watch, method, answer.run.seed)
        rows, failed = study.rows()
    instance = answer.asked.instance
    with answer.clock.phase("review"):
        tables = design_tables(instance, study.care, rows)
    return answer.of_study(sections(study.care, rows, failed), tables, method)


def best_of(mine: Sequence[DesignRow], answered: Sequence[DesignRow]) -> DesignRow:
    """Choose the best plan of a design, from those of stricter designs too.

    What a design with a lower limit per owner comes to, one with a higher limit, or none, comes to
    as well: a line may not look dearer only because its search ended early.

    Parameters
    ----------
    mine, answered
        Plans found for the design, one at least, and for all designs.
    """
    best = min(mine, key=lambda row: row.points)
    other = min((row for row in answered if best.design.allows(row.design)), key=lambda r: r.points)
    if other.points >= best.points:
        return best
    same = f"The plan found for {other.design.words} is the best of it, too."
    note = " ".join(filter(None, (best.note, same)))
    return replace(other, design=best.design, bound=best.bound, plans=best.plans, note=note)


class _Study:
    """The home care questions inside the designs."""

    def __init__(self, asked: Asked, watch: Watch, method: str, seed: int) -> None:
        self.asked, self.watch, self.method, self.seed = asked, watch, method, seed
        self.instance = asked.instance
        as_is = prepare(self._question("as_is", [], None))
        self.tables, self.care = as_is.tables, as_is.instance
        self.small = small_firms(asked.tables, self.instance.parameters)
        self._prices: dict[bytes, CarePrices] = {}

    def rows(self) -> tuple[list[DesignRow], list[str]]:
        """Solve every design; and name those without an answer."""
        tries = [one for design in self.instance.designs for one in self._tries(design)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = list(threads.map(self._row, tries))
        rows, failed = [], []
        answered = [row for row in found if row is not None]
        for design in self.instance.designs:
            mine = [row for row in answered if row.design is design]
            if mine:
                rows.append(best_of(mine, answered))
            else:
                failed.append(f"{design.words}: no plan was found in the time.")
        return rows, failed

    def _tries(self, design: Design) -> list[_Try]:
        """Name the plans of a design that are worth solving.

        Prices that suit the areas as they are choose a plan; those that suit that one choose again,
        and of the two bounds the better holds.
        """
        if not design.let:
            return [_Try(design, None, None)]
        self.watch.say(f"pricing every plan: {design.words}")
        most = int(self.instance.parameters["design_survivors"])
        first = survivors(self.instance, self._priced_for(None), design, most)
        prices = self._priced_for(first.best[0].lots)
        found = survivors(self.instance, prices, design, most)
        found = replace(found, least=max(first.least, found.least))
        return [_Try(design, found, plan) for plan in found.best]

    def _priced_for(self, plan: Solution | None) -> CarePrices:
        """Prices that suit a plan, or the areas as they are; found once for each."""
        lots = self.instance.cells.area if plan is None else plan.lot
        key = lots.tobytes()
        if key not in self._prices:
            self._prices[key] = self.costs.priced_for(lots)
        return self._prices[key]

    def _row(self, one: _Try) -> DesignRow | None:
        """Place everybody inside a plan, and count what that means."""
        if self.watch.stop:
            return None
        if one.plan is None or one.among is None:
            return self._nothing(one.design)
        from allocate.solving import solve

        lots = one.plan.lots
        self._check(one, lots)
        areas = [f"L{lot + 1}" for lot in lots.lot]
        free = self._question(one.design.id, areas, one.design.owner_limit)
        question = replace(free, changes=(*free.changes, self._led(one.plan)))
        self.watch.say(f"placing everybody: {one.design.words}")
        result = solve(question, seed=self.seed, method=self.method)
        if self._far(result, one):
            longer = AGAIN * question.limits.seconds
            again = solve(free, seed=self.seed, method=self.method, seconds=longer)
            result = min((again, result), key=_value)
        if not result.levels:
            return None
        care: Any = prepare(question).instance
        text = {name: frame.astype(str) for name, frame in result.tables.items()}
        placed = read_plan(care, text, one.design.id)
        terms = {
            name: Fraction(str(item["amount"])) for name, item in result.record["terms"].items()
        }
        found, hours, nobody = figures(self.instance, care, placed, lots, terms, self.small)
        by_lot = {area: number for number, area in enumerate(care.areas.ids)}
        leads = [placed.leads[by_lot[f"L{lot + 1}"]] for lot in range(lots.lots)]
        extra = Fraction(lots.lots * self.instance.lot_cost, 100)
        eased = one.among.eased
        note = "" if eased is None else f"No plan keeps the balance: the tightest is {eased:.1%}."
        return DesignRow(
            design=one.design,
            lots=lots,
            provider=placed.provider,
            leads=tuple(care.providers.ids[chosen[0]] if chosen else "" for chosen in leads),
            bound=one.among.least,
            points=result.levels[0].objective + extra,
            plans=one.among.plans,
            note=note,
            figures=found,
            hours=hours,
            uncovered=nobody,
        )

    def _check(self, one: _Try, lots: Solution) -> None:
        """Check a plan of lots by its review: it hangs together, and keeps what the rules ask.

        Raises
        ------
        ReviewFailed
            Where it does not.
        """
        if one.design.lots is None:
            return  # the areas as they are, whatever they are
        asked = ["each_cell_once", "connected", "kept_together"]
        if one.among is not None and one.among.eased is None:
            asked += ["balanced", "value_limits", "enough_bidders"]
        for rule in filter(self.instance.strict, asked):
            if MEASURES[rule](self.instance, lots).short_by:
                raise ReviewFailed(f"The review rejects a plan of {one.design.words}: {rule}")

    def _far(self, result: Result, one: _Try) -> bool:
        """Whether a plan is so far from what its lots and leads are bounded by that it was luck."""
        if one.plan is None or self.watch.stop:
            return False
        own = one.plan.bound - one.plan.lots.lots * self.instance.lot_cost / 100
        return _value(result) > (1 + FAR) * own

    def _nothing(self, design: Design) -> DesignRow:
        """Everybody stays where they are, and who waits waits on."""
        care = self.care
        placed = Placed(care.packages.present, care.areas.leads)
        question = self._question("as_is", [], None)
        review = care_review(care, placed, question.levels)
        found, hours, nobody = figures(self.instance, care, placed, None, review.terms, self.small)
        return DesignRow(
            design, None, (), placed.provider, None, review.levels[0], 0, "", found, hours, nobody
        )

    @cached_property
    def costs(self) -> CareCosts:
        """What care costs, capacity lifted into the objective."""
        self.watch.say("pricing capacity")
        cells = self.instance.cells.ids
        question = self._question("priced", list(cells), None)
        care: Any = prepare(question).instance
        terms = question.levels[0].terms.items()
        return care_costs(care, cells, {term: Fraction(str(weight)) for term, weight in terms})

    def _question(self, name: str, areas: Sequence[str], limit: int | None) -> Question:
        """Write the home care question of a design.

        Parameters
        ----------
        name
            Of the design.
        areas
            Lot of each cell, in order; empty: nothing is let.
        limit
            Most lots that an owner leads.
        """
        asked, parameters = self.asked, self.instance.parameters
        written: dict[str, Any] = {
            "question": f"{asked.question.text} ({name})",
            "model": "homecare",
            "objective": {
                "priced": {
                    "cash": 1.0,
                    "waiting": parameters["care_waiting_points"],
                    "changes": parameters["care_changes_points"],
                    "travel": parameters["care_travel_points"],
                    "shortfalls": 1.0,
                }
            },
            "rules": {
                "lead_accepts_share": {"price": parameters["care_lead_points"]},
                # Few people share a household, and designs are compared, not carried out.
                "household_together": {"mode": "report"},
            },
            "parameters": {"staff_transfer_share": parameters["staff_transfer_share"]},
            "limits": {"seconds": parameters["design_seconds"], "seed": self.seed},
        }
        if limit is not None:
            written["rules"]["leads_limit"] = {"mode": "hard", "value": limit}
        question = question_of(name, written, asked.question.case)
        own = [change for change in asked.question.changes if change.table != "designs"]
        return replace(question, changes=(*own, *(self._let(areas) if areas else ())))

    def _led(self, plan: Survivor) -> Change:
        """Pin who leads each lot: whoever does at the bound."""
        rows = [
            {
                "table": "area-lead",
                "id": f"L{lot + 1}",
                "other_id": self.care.providers.ids[lead],
                "must_or_never": "must",
            }
            for lot, lead in enumerate(plan.leads)
        ]
        return Change(table="pins", add=rows)

    def _let(self, areas: Sequence[str]) -> list[Change]:
        """Contracts end, places go into their lots, and every lead is to be chosen."""
        packages, pins = self.tables["packages"], self.tables["pins"]
        ending = (packages["provider_id"] != "") & ~packages["locked"].eq(True)
        ending &= packages["status"].isin(["placed", ""])
        changes = [
            Change(table="areas", drop=True),
            Change(table="areas", add=[{"area_id": area} for area in dict.fromkeys(areas)]),
            *(
                Change(table="place_areas", where={"place_id": cell}, set={"area_id": area})
                for cell, area in zip(self.instance.cells.ids, areas, strict=True)
            ),
        ]
        # What is told of areas that are no more, nobody can hold a design to.
        old = [name for name in ("starts", "ends", "handbacks") if self.tables.has(name)]
        changes += [Change(table=name, drop=True) for name in old]
        if pins["table"].eq("area-lead").any():
            changes.append(Change(table="pins", where={"table": "area-lead"}, drop=True))
        if ending.any():
            changes.append(
                Change(
                    table="packages",
                    where={"status": "placed", "locked": False},
                    set={"status": "handed_back"},
                )
            )
        return changes
