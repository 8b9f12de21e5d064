"""The solver-free review of lots: the rules once more, in words a person can check.

It sees the question and the plan, never the program, and works through lots in plain loops and
sums. It is the specification: where it and the formulation disagree, no answer is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import networkx as nx

from allocate.errors import ReviewFailed
from allocate.lots.award_review import MEASURES as AWARD
from allocate.lots.award_review import against_pins, points_short, price_won
from allocate.lots.cells import PER
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND
from allocate.verdict import Measured, Review

EVERY_LOT = "lots"


def review(instance: Instance, solution: Solution, levels: Sequence[LevelWords]) -> Review:
    """Measure every rule, recount every term, and say what does not hold.

    Parameters
    ----------
    instance
        The question.
    solution
        The plan.
    levels
        The objective, to be recounted.

    Returns
    -------
    Review
        Faults are broken hard rules.
    """
    measured = {rule: MEASURES[rule](instance, solution) for rule in instance.rules}
    faults = [
        f"{rule} is hard and short by {float(measured[rule].short_by):g}"
        for rule, setting in instance.rules.items()
        if setting.mode == "hard" and measured[rule].short_by > 0
    ]
    faults += [f"against a pin: {name}" for name in against_pins(instance, solution.won)]
    terms = _terms(instance, solution, measured)
    totals = tuple(
        sum(
            (Fraction(str(weight)) * terms[term] for term, weight in level.terms.items()),
            Fraction(),
        )
        for level in levels
    )
    least = tuple(Fraction() for _ in levels)
    return Review(measured, terms, totals, least, tuple(faults))


def broken(instance: Instance, solution: Solution) -> dict[tuple[str, str], Fraction]:
    """Name the hard rules and pins that a plan does not keep, and what each is short by.

    Raises
    ------
    ReviewFailed
        Where the plan is none: a cell has no lot, or a lot does not hang together.
    """
    short = {
        (rule, name): amount
        for rule, setting in instance.rules.items()
        if setting.mode == "hard"
        for name, amount in MEASURES[rule](instance, solution).where
    }
    wrong = sorted({rule for rule, _ in short} & {"each_cell_once", "connected", "number_of_lots"})
    if wrong:
        raise ReviewFailed(f"The review rejects a plan: short of {', '.join(wrong)}")
    return short | {("pins", name): Fraction(1) for name in against_pins(instance, solution.won)}


def _every(steps: int, per: int = 1) -> Measured:
    """What lots are short by together, in the rule's unit."""
    amount = Fraction(steps, per)
    return Measured(amount, None, ((EVERY_LOT, amount),) if steps else ())


def _each_cell_once(instance: Instance, solution: Solution) -> Measured:
    lost = sum(1 for lot in solution.lot.tolist() if lot < 0)
    return _every(lost + sum(1 for cells in solution.members() if not cells))


def _connected(instance: Instance, solution: Solution) -> Measured:
    if instance.cells.table != "places":
        return _every(0)
    graph = instance.cells.graph
    return _every(
        sum(
            nx.number_connected_components(graph.subgraph(cells)) - 1
            for cells in solution.members()
        )
    )


def sizes(instance: Instance, solution: Solution) -> list[int]:
    """What each lot comes to, in steps of what balance is counted in."""
    return [sum(int(instance.size[i]) for i in cells) for cells in solution.members()]


def _balanced(instance: Instance, solution: Solution) -> Measured:
    equal = Fraction(sum(int(size) for size in instance.size), solution.lots)
    share = Fraction(str(instance.rules["balanced"].value))
    low, high = (1 - share) * equal, (1 + share) * equal
    least, most = -(-low.numerator // low.denominator), high.numerator // high.denominator
    short = sum(max(0, least - size, size - most) for size in sizes(instance, solution))
    return _every(short, PER[str(instance.rules["balanced"].options["by"])])


def _number_of_lots(instance: Instance, solution: Solution) -> Measured:
    least, most = instance.numbers[0], instance.numbers[-1]
    return _every(max(0, least - solution.lots) + max(0, solution.lots - most))


def _value_limits(instance: Instance, solution: Solution) -> Measured:
    options = instance.rules["value_limits"].options
    least, most = (int(Fraction(str(options[key])) * 100) for key in ("least", "most"))
    short = 0
    for cells in solution.members():
        value = sum(int(instance.cells.value[i]) for i in cells)
        short += max(0, least - value) + max(0, value - most)
    return _every(short, 100)


def could_bid(instance: Instance, cells: Iterable[int]) -> set[int]:
    """Owners with a bidder that reaches enough of some cells."""
    cells, bidders = list(cells), instance.bidders
    value = instance.cells.value
    worth = [int(v) for v in value] if value.any() else [1] * len(value)
    share = Fraction(str(instance.rules["enough_bidders"].options["reaches"]))
    whole = sum(worth[i] for i in cells)
    return {
        int(bidders.owner[k])
        for k in range(len(bidders.ids))
        if sum(worth[i] for i in cells if bidders.reach[k, i]) >= share * whole
    }


def _enough_bidders(instance: Instance, solution: Solution) -> Measured:
    wanted = int(float(instance.rules["enough_bidders"].value or 0))
    counts = [len(could_bid(instance, cells)) for cells in solution.members()]
    return _every(sum(max(0, wanted - count) for count in counts))


def _kept_together(instance: Instance, solution: Solution) -> Measured:
    apart = 0
    for group in instance.cells.together:
        lots = {int(solution.lot[i]) for i in group}
        apart += len(lots) if len(lots) > 1 else 0
    return _every(apart)


MEASURES: dict[str, Callable[[Instance, Solution], Measured]] = {
    "each_cell_once": _each_cell_once,
    "connected": _connected,
    "balanced": _balanced,
    "number_of_lots": _number_of_lots,
    "value_limits": _value_limits,
    "enough_bidders": _enough_bidders,
    "kept_together": _kept_together,
    **AWARD,
}


def _terms(
    instance: Instance, solution: Solution, measured: dict[str, Measured]
) -> dict[str, Fraction]:
    """Recount every term in its unit."""
    short = sum(
        (
            Fraction(str(instance.rules[rule].price)) * found.short_by
            for rule, found in measured.items()
            if instance.rules[rule].mode == "soft"
        ),
        Fraction(),
    )
    won = None if instance.auction is None else (instance.auction, solution.won)
    return {
        "price": Fraction(price_won(*won) if won else 0, 100),
        "points": points_short(*won) if won else Fraction(),
        "expected_price": Fraction(
            sum(instance.asks.of(cells, instance.cells.value) for cells in solution.members()), 100
        ),
        "administration": Fraction(solution.lots * instance.lot_cost, 100),
        "changes": Fraction(people_changing(instance, solution)),
        "travel": Fraction(
            sum(person_metres(instance, cells) for cells in solution.members()), THOUSAND
        ),
        "shortfalls": short,
    }


def people_changing(instance: Instance, solution: Solution) -> int:
    """People of each area of now who are not in the lot in which it lives on."""
    cells = instance.cells
    both: dict[tuple[int, int], int] = {}
    for i, area in enumerate(cells.area.tolist()):
        if area >= 0:
            pair = area, int(solution.lot[i])
            both[pair] = both.get(pair, 0) + int(cells.clients[i])
    graph: nx.Graph[tuple[str, int]] = nx.Graph()
    for (area, lot), people in both.items():
        graph.add_edge(("area", area), ("lot", lot), weight=people)
    stay = 0
    for one, other in nx.max_weight_matching(graph):
        stay += graph.edges[one, other]["weight"]
    return sum(both.values()) - stay


def person_metres(instance: Instance, cells: Sequence[int]) -> int:
    """Metres from everybody in a lot to the place in its middle, the one with the least of them."""
    metres, people = instance.cells.metres, instance.cells.residents
    return min(sum(int(people[i]) * int(metres[i, middle]) for i in cells) for middle in cells)
