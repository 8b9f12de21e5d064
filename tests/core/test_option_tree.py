"""The tree over options finds the cheapest plan below any value, or proves that there is none."""

from __future__ import annotations

from math import inf

import pytest

from allocate.core.option_tree import OptionTree
from allocate.core.program import Flat
from allocate.core.residual import Residual
from allocate.core.structure import read
from allocate.units import Ints
from helpers.residuals import least, left

LEFT = [seed for seed in range(60) if left(seed) is not None]


def grown(rest: Residual, flat: Flat, cost: Ints, below: int) -> tuple[float, list[int]]:
    """Grow a tree to its end: what is proven, and what the plans cost that keep every row."""
    structure, costs = read(flat), []
    assert structure is not None

    def keep(plan: Ints | None) -> None:
        if plan is not None and flat.holds(plan):
            costs.append(int(cost @ plan))

    tree = OptionTree(rest, structure, below, keep, lambda: False)
    while tree.branches:
        tree.step()
        tree.lower(min(costs, default=below))
    return tree.bound(), costs


@pytest.mark.parametrize("seed", LEFT)
def test_below_any_value_it_is_right(seed: int) -> None:
    """Above the best plan's cost it finds that plan; below it, it proves that there is none."""
    found = left(seed)
    assert found is not None
    rest, flat, cost = found
    plan = least(flat, cost)
    if rest.price(inf, lambda: False).values is None:  # there is no plan, or it is left to others
        assert rest.priced.bound < inf or plan is None
        return
    value = int(cost @ flat.upper) + 1 if plan is None else int(cost @ plan)
    assert grown(rest, flat, cost, value) == (value, [])
    for above in (1, 7, 1000):
        bound, costs = grown(rest, flat, cost, value + above)
        assert costs if plan is not None else not costs
        assert min(costs, default=value + above) == pytest.approx(bound)
        assert plan is None or bound == pytest.approx(value)
