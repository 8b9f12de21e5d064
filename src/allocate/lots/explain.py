"""Why lots are as they are, for one cell; and why a bid wins or does not."""

from __future__ import annotations

from typing import Any

from allocate.errors import BadInput, Fault, nearest
from allocate.explanation import Explanation
from allocate.lots.explain_bid import explain_bid
from allocate.lots.solution import names


def explain(variants: Any, kind: str, label: str) -> Explanation:
    """Explain a place, by its lot and its neighbours, or a bid.

    Parameters
    ----------
    variants
        The answer that is asked about.
    kind
        ``cell`` or ``bid``.
    label
        Its id, or the name of a cell.

    Raises
    ------
    BadInput
        For anything but a cell or a bid of the case.
    """
    if kind == "bid":
        return explain_bid(variants, label)
    instance, solution = variants.answered.asked.instance, variants.answered.solution
    cells = instance.cells
    found = [i for i in range(len(cells.ids)) if label in (cells.ids[i], cells.names[i])]
    if kind != "cell":
        problem = f"answers of lots know no {kind}"
        fault = Fault("allocate explain", f"--{kind}", problem, "Ask with --cell or --bid")
        raise BadInput("the command line", [fault])
    if len(found) != 1:
        problem = "names several cells" if found else f"no such cell{nearest(label, cells.ids)}"
        fault = Fault(
            "allocate explain", f'--cell "{label}"', problem, f"Give the id of {cells.table}.csv"
        )
        raise BadInput("the command line", [fault])
    (cell,) = found
    labels = names(instance, solution)
    lines = [f"{cells.names[cell]} is in {labels[solution.lot[cell]]}."]
    lines += [
        f"It touches {cells.names[other]}, which is in {labels[solution.lot[other]]}."
        for other in sorted(cells.graph[cell])
    ]
    return Explanation(cells.names[cell], [("Where it is", lines)])
