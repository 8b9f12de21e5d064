"""What can be proven of the objective without a solver.

Either by plain arithmetic, person by person, or by prices on the rows of every winter: whoever
lifts a row and charges its price never charges a plan more than it costs. The latter are counted
again in whole numbers over the rows of the program.
"""

from __future__ import annotations

from fractions import Fraction

from allocate.beds.formulation import formulate
from allocate.beds.instance import Instance
from allocate.beds.review import least
from allocate.core.two_stage import TwoStage
from allocate.core.two_stage_prices import read_proof
from allocate.core.two_stage_proof import proven
from allocate.price_list import PriceList
from allocate.study.scenario import LevelWords


def least_at(instance: Instance, level: LevelWords, prices: PriceList) -> Fraction | None:
    """Return the least that prices prove the objective to come to.

    Parameters
    ----------
    instance, level
        The question and its objective.
    prices
        On rows of winters and of bookings; none: what arithmetic proves.

    Returns
    -------
    Fraction or None
        In points; None where the prices are about something else, or are no proof.
    """
    lowest = least(instance, level)
    if not prices.rows:
        return lowest
    program = formulate(instance, [level]).program
    assert isinstance(program, TwoStage)
    proof = read_proof(program, prices)
    found = None if proof is None else proven(program, proof)
    if found is None:
        return None
    return max(lowest, found / program.first.levels[0].per)
