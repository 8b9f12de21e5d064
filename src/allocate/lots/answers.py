"""The answer of a lots question as tables, every plan that was counted among them."""

from __future__ import annotations

import pandas as pd

from allocate.lots import solution
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.lots.standing import can_be_counted, ranked


def answer_tables(instance: Instance, plan: Solution) -> dict[str, pd.DataFrame]:
    """Return the answer as tables, by file name without its ending.

    Parameters
    ----------
    instance, plan
        The question and the plan.
    """
    found = solution.answer_tables(instance, plan)
    if can_be_counted(instance):
        found["plans"] = ranked(instance)
    return found
