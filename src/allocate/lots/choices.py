"""What a plan of lots decides: which bid wins each lot, or which places are one lot."""

from __future__ import annotations

import numpy as np

from allocate.answered import Answered
from allocate.choices import Chosen, Forcing, Kind, Options
from allocate.errors import BadInput, Fault, nearest
from allocate.lots.bid_answer import barred_by
from allocate.lots.formulation import Draft, PartedDraft
from allocate.lots.instance import Instance
from allocate.lots.solution import Solution
from allocate.study.scenario import Change

CHOICES = {
    "lot": Kind("Who wins which lot", "not let", "award_lots", "lot_id", "{bid_id}"),
    "drawn": Kind("Which lots are drawn", "not drawn"),
    "cell": Kind("Which lot each place is in", "in none", "lots", "cell_id", "{lot_id}", many=True),
}
LABEL = "one lot"  # what cells are pinned to


def find(instance: Instance, kind: str, label: str) -> str:
    """Return the id of a lot, or of a cell by its id or name.

    Raises
    ------
    BadInput
        Where the case has no such id, or several of that name.
    """
    cells = instance.cells
    if kind == "lot" and instance.auction is not None:
        ids, names = instance.lots, instance.lots
    elif kind == "cell" and instance.given is None:
        ids, names = cells.ids, cells.names
    else:
        problem = "has no bids" if kind == "lot" else "has its lots given: nothing draws them"
        fault = Fault(f"--{kind}", f'"{label}"', f"the case {problem}", "Ask of another answer")
        raise BadInput("the command line", [fault])
    found = [one for one, name in zip(ids, names, strict=True) if label in (one, name)]
    if len(found) != 1:
        problem = "names several" if found else f"no such {kind}{nearest(label, ids)}"
        fault = Fault(f"--{kind}", f'"{label}"', problem, f"Give the id of a {kind}")
        raise BadInput("the command line", [fault])
    return found[0]


def chosen(instance: Instance, solution: Solution, kind: str) -> Chosen:
    """The winning bid of each lot, the cells of each lot that is drawn, or the lot of each cell."""
    auction = instance.auction
    if kind == "lot":
        if auction is None:
            return {}
        of_lot = {j: b for b in solution.won for j in np.flatnonzero(auction.member[b]).tolist()}
        return {
            lot: (auction.ids[of_lot[j]],) if j in of_lot else ()
            for j, lot in enumerate(instance.lots)
        }
    if instance.given is not None:
        return {}
    ids = instance.cells.ids
    drawn = [";".join(ids[i] for i in cells) for cells in solution.members()]
    if kind == "drawn":
        return {lot: ("drawn",) for lot in drawn}
    return {cell: (drawn[lot],) for cell, lot in zip(ids, solution.lot.tolist(), strict=True)}


def options(draft: Draft | PartedDraft, solution: Solution) -> Options:
    """Columns of bids, or of lots that may be drawn; none where lots are drawn by centres."""
    if isinstance(draft, PartedDraft):
        return Options([], [], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
    instance = draft.instance
    if instance.auction is not None:
        bid, lot = np.nonzero(instance.auction.member)
        labels = [instance.lots[j] for j in lot.tolist()]
        won = np.isin(bid, np.array(solution.won, dtype=np.int64))
        return Options(["lot"] * len(bid), labels, draft.win[bid], won)
    if instance.given is not None:
        return Options([], [], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
    ids = np.array(instance.cells.ids, dtype=object)
    names = [";".join(ids[row]) for row in draft.candidates.member]
    drawn = chosen(instance, solution, "drawn")
    now = np.array([name in drawn for name in names], dtype=bool)
    if len(set(names)) < len(names):  # one lot of plans with several numbers of lots
        now &= draft.candidates.number == solution.lots
    return Options(["drawn"] * len(names), names, draft.lot, now)


def force(answered: Answered, kind: str, label: str, option: str) -> Forcing:
    """Let a bid win a lot, or keep the places of a lot together; all else may be otherwise then.

    Parameters
    ----------
    answered
        The answer.
    kind, label, option
        ``lot`` and a bid, or ``cell`` and the cells of a lot, as ``chosen`` names them; empty for
        nothing.
    """
    instance: Instance = answered.asked.instance
    return (_award if kind == "lot" else _together)(instance, label, option)


def _award(instance: Instance, lot: str, bid: str) -> Forcing:
    auction = instance.auction
    assert auction is not None  # `find` has looked
    choice = f"{bid} wins {lot}" if bid else f"{lot} is not let"
    if not bid:
        return Forcing(choice, ["that a lot is not let cannot be pinned"])
    if bid not in auction.ids:
        return Forcing(choice, [f"{bid} is no bid of this case"])
    b, j = auction.ids.index(bid), instance.lots.index(lot)
    against = [f"it breaks {rule} by itself" for rule in barred_by(instance, b)]
    if not auction.member[b, j]:
        against.append("it is not for that lot here")
    if instance.pinned.never[b]:
        against.append("it is barred by a pin")
    others = np.flatnonzero(instance.pinned.must & auction.member[:, auction.member[b]].any(axis=1))
    against += [f"a pin lets {auction.ids[o]} win" for o in others.tolist() if o != b]
    if against:
        return Forcing(choice, against)
    row = {"table": "lot-bid", "id": lot, "other_id": bid, "must_or_never": "must"}
    return Forcing(choice, [], (Change(table="pins", add=[row]),))


def _together(instance: Instance, cell: str, lot: str) -> Forcing:
    wanted = lot.split(";")
    choice = f"{cell} is in one lot with {', '.join(one for one in wanted if one != cell)}"
    strange = [one for one in wanted if one not in instance.cells.ids]
    if strange:
        return Forcing(choice, [f"the case has no {', '.join(strange)}"])
    if len(wanted) == 1:
        return Forcing(f"{cell} is a lot by itself", ["that nothing else joins it has no pin"])
    if instance.rules["kept_together"].mode != "hard":
        return Forcing(choice, ["kept_together is not hard here, so no pin keeps cells together"])
    rows = [
        {"table": "cell-lot", "id": one, "other_id": LABEL, "must_or_never": "must"}
        for one in wanted
    ]
    return Forcing(choice, [], (Change(table="pins", add=rows),))
