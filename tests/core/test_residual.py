"""What is left near a bound: the bound is one, and no plan below a value is closed."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, inf

import pytest

from allocate.core.structure import read
from helpers.assignments import draw, program
from helpers.residuals import least, left

LEFT = [seed for seed in range(60) if left(seed) is not None]


@pytest.mark.parametrize("seed", LEFT[:30])
def test_nothing_below_a_value_is_closed(seed: int) -> None:
    """The bound is no higher than the best plan; just above its cost that plan is still open."""
    found = left(seed)
    assert found is not None
    rest, flat, cost = found
    plan, bound = least(flat, cost), rest.price(inf, lambda: False).bound
    if plan is None:
        near = rest.near(None)
        assert near is not None
        assert least(near, cost) is None
        return
    value = int(cost @ plan)
    assert bound <= value + 1e-6
    near = rest.near(value + 1)
    assert near is not None
    cheapest = least(near, cost)
    assert cheapest is not None
    assert int(cost @ cheapest) == value


@pytest.mark.parametrize("seed", LEFT[:10])
def test_values_to_look_below_rise(seed: int) -> None:
    """Each is above what is proven and the one before, none above what is enough."""
    found = left(seed)
    assert found is not None
    rest = found[0]
    bound = rest.price(inf, lambda: False).bound
    if bound == inf:
        return
    values = [rest.further(bound, bound + 500.0) for _ in range(12)]
    assert int(bound) < values[0]
    assert all(one < two or two == ceil(bound + 500.0) for one, two in pairwise(values))
    assert values[-1] == ceil(bound + 500.0)


@pytest.mark.parametrize("seed", LEFT[:30])
def test_what_prices_prove_is_a_bound(seed: int) -> None:
    """Prices of the linear program, in whole numbers, prove no more than the best plan costs."""
    made = program(draw(seed))
    structure = read(made.flat())
    found = left(seed)
    assert structure is not None
    assert found is not None
    rest, flat, cost = found
    rest.price(inf, lambda: False)
    proof, plan = rest.proof(structure, cost), least(flat, cost)
    assert proof is None or plan is None or proof.bound <= cost @ plan
