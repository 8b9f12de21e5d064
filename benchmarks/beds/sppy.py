"""mpi-sppy on an exported program of two stages: run as a script, where mpi-sppy is installed.

``python sppy.py PROBLEM.npz SECONDS`` prints one line of JSON at its end. The tail is linear, as
Rockafellar & Uryasev (2000) have it: a first-stage column for the value at risk, and what each
sample lies above it. It is mpi-sppy's ``ExtensiveForm`` with HiGHS inside: its decompositions ask
for MPI and for commercial solvers.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

FREE = 1 << 52  # no bound, as in allocate
SOLVER = "appsi_highs"
GAP = 0.005  # as the scenario asks for


class Samples:
    """What makes the Pyomo model of a sample, by its name.

    Parameters
    ----------
    data
        Arrays as ``exported.py`` writes them.
    """

    def __init__(self, data: Any) -> None:
        self.data = data
        self.cost, self.price = data["cost"] / data["per"], data["price"] / data["per"]
        self.probability = data["weight"] / data["weight"].sum()
        self.first, self.matrix, self.link = map(self._rows, ("first", "matrix", "link"))
        self.booked = {n: self._rows(f"booked{n}") for n in set(data["of_sample"].tolist())}

    def __call__(self, name: str) -> Any:
        """Build the model of a sample, with its first stage marked."""
        import mpisppy.utils.sputils as sputils
        import pyomo.environ as pyo

        model, data, s = pyo.ConcreteModel(name), self.data, int(name.removeprefix("sample"))
        ends = [
            (int(low), int(high)) for low, high in zip(data["lower"], data["upper"], strict=True)
        ]
        most = [None if high >= FREE else int(high) for high in data["most"]]
        model.x = pyo.Var(range(len(ends)), domain=pyo.Integers, bounds=lambda _, i: ends[i])
        model.y = pyo.Var(range(len(most)), bounds=lambda _, j: (0, most[j]))
        model.risk = pyo.Var(domain=pyo.NonNegativeReals)
        model.over = pyo.Var(domain=pyo.NonNegativeReals)
        model.now = pyo.ConstraintList()
        for row in self._now(model.x):
            model.now.add(row)
        model.later = pyo.ConstraintList()
        for row in self._later(model.x, model.y, s):
            model.later.add(row)
        paid = _sum(model.x, enumerate(self.cost.tolist()))
        recourse = _sum(model.y, enumerate(self.price.tolist()))
        model.worst = pyo.Constraint(expr=model.over >= recourse - model.risk)
        share, weight = self.data["tail"]
        above = model.risk + model.over / share if weight else 0.0
        model.total = pyo.Objective(expr=paid + recourse + weight * above)
        sputils.attach_root_node(model, paid + weight * model.risk, [model.x, model.risk])
        model._mpisppy_probability = float(self.probability[s])
        return model

    def _rows(self, name: str) -> list[list[tuple[int, int]]]:
        """Entries of each row of a matrix: column and amount."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.data[f"{name}_shape"][0])]
        for row, col, amount in self.data[name].T.tolist():
            found[row].append((col, amount))
        return found

    def _now(self, x: Any) -> Iterator[Any]:
        """Rows of the first stage."""
        sides = zip(self.first, self.data["low"].tolist(), self.data["high"].tolist(), strict=True)
        for entries, low, high in sides:
            if low > -FREE:
                yield _sum(x, entries) >= low
            if high < FREE:
                yield _sum(x, entries) <= high

    def _later(self, x: Any, y: Any, s: int) -> Iterator[Any]:
        """Rows of the recourse, with what is booked."""
        things = [_sum(x, entries) for entries in self.booked[int(self.data["of_sample"][s])]]
        for row, (entries, wanted) in enumerate(
            zip(self.matrix, self.data["rhs"][s].tolist(), strict=True)
        ):
            held = _sum(y, entries) + _sum(things, self.link[row])
            yield held == wanted if self.data["equal"][row] else held >= wanted


def _sum(of: Any, entries: Iterable[tuple[int, float]]) -> Any:
    return sum(amount * of[at] for at, amount in entries if amount)


def solve(data: Any, seconds: float) -> dict[str, Any]:
    """Solve by mpi-sppy, and say what it found and proved."""
    from mpisppy.opt.ef import ExtensiveForm

    began = time.monotonic()
    names = [f"sample{s}" for s in range(len(data["weight"]))]
    form = ExtensiveForm({"solver": SOLVER}, names, Samples(data))
    built = time.monotonic() - began
    done = form.solve_extensive_form({"time_limit": seconds, "threads": 1, "mip_rel_gap": GAP})
    spent = time.monotonic() - began - built
    # What the clock ends leaves no plan behind here, whatever HiGHS had found.
    ended = str(done.solver.termination_condition) == "optimal"
    return {
        "build": built,
        "solve": spent,
        "objective": form.get_objective_value() if ended else None,
        "bound": done.problem.lower_bound,
    }


if __name__ == "__main__":
    where, limit = sys.argv[1:]
    with np.load(where) as loaded:
        print(json.dumps(solve(dict(loaded), float(limit))))
