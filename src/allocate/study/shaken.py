"""What becomes of a plan of beds or of an award when something happens to it.

Each event is asked twice: with what was chosen held, as far as it can still be had, which is what
the event costs; and anew, as if it had been known, which is what could be saved of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from allocate import registry
from allocate.answered import Answered
from allocate.card import read_card
from allocate.errors import BadInput, Fault
from allocate.findings import Findings, Section
from allocate.shocks import Shock
from allocate.study.alone import by_itself
from allocate.study.apart import Apart, apart, rank
from allocate.study.asking import Study
from allocate.study.case import Done
from allocate.study.decided import changed, decided
from allocate.study.settling import ask
from allocate.units import joined

CASE = "case"
LISTED = 12  # events that the page names in each part
NAMED = 6  # choices that a line names
ENDED = {
    "infeasible": "cannot all be met",
    "stopped": "no plan in the time given",
}


@dataclass(frozen=True)
class After:
    """What becomes of a plan after an event, held and anew, each beside the plan as it is."""

    shock: Shock
    held: Done
    free: Done
    apart: tuple[tuple[Apart, ...], tuple[Apart, ...]]
    otherwise: tuple[str, ...]


def withstands(answered: Answered, study: Study, kind: str | None = None) -> Findings:
    """Put a plan to the test.

    Parameters
    ----------
    answered
        The answer.
    study
        Where to keep the answers, and the time.
    kind
        Only events of this kind.

    Raises
    ------
    BadInput
        Where there is no such event.
    """
    asked = by_itself(answered.asked, study.folder / CASE)
    every = registry.shocks(asked, answered.solution)
    chosen = [one for one in every if kind is None or one.kind == kind]
    if not chosen:
        kinds = list(dict.fromkeys(one.kind for one in every))
        remedy = f"Leave it out, or name one of: {', '.join(kinds)}" if kinds else "Choose more"
        fault = Fault("--kind", f'"{kind or ""}"', "matches no event", remedy)
        raise BadInput("the command line", [fault])
    base = asked.model.held(asked, answered.solution, asked.question)
    others = {f"{one.name}, {way}": getattr(one, way) for one in chosen for way in ("held", "free")}
    start, done = ask(study, base, others)
    after = [
        _after(one, start, done[f"{one.name}, held"], done[f"{one.name}, free"]) for one in chosen
    ]
    return Findings(
        f"What the plan withstands: {answered.asked.question.text}",
        list(_sections(after)),
        {"events": pd.DataFrame([_row(one, start) for one in after])},
    )


def _after(shock: Shock, start: Done, held: Done, free: Done) -> After:
    beside = tuple(
        tuple(apart(start.record["levels"], one.record["levels"])) if one.has_plan else ()
        for one in (held, free)
    )
    otherwise = changed(decided(start), decided(free)) if free.has_plan else []
    return After(shock, held, free, (beside[0], beside[1]), tuple(otherwise))


def _sections(after: Sequence[After]) -> Iterator[Section]:
    """Say what each event comes to, the worst first."""
    for kind in dict.fromkeys(one.shock.kind for one in after):
        mine = sorted((one for one in after if one.shock.kind == kind), key=_order)
        lines = [line for one in mine[:LISTED] for line in _said(one)]
        more = len(mine) - LISTED
        yield kind.capitalize(), [*lines, *([f"and {more} more in events.csv"] if more > 0 else [])]
    yield (
        "How to read this",
        [
            "More and less are beside the plan as it is. Held: the rest of the plan stays. Anew:",
            "the best that could be done had it been known. A range is proven from both sides.",
        ],
    )


def _order(one: After) -> tuple[object, ...]:
    """What cannot be met comes first, then what costs most."""
    if not one.apart[0]:
        return (0, 0, 0)
    return (1, *rank(one.apart[0]))


def _said(one: After) -> Iterator[str]:
    """Say what an event comes to."""
    yield one.shock.name
    for words, done, levels in (
        ("held", one.held, one.apart[0]),
        ("anew", one.free, one.apart[1]),
    ):
        if not done.has_plan:
            yield f"  {words}: {ENDED.get(done.status) or done.problem or done.status}"
            continue
        parts = [f"{level.level} {level}" for level in levels if not level.same]
        yield f"  {words}: {'; '.join(parts) or 'every level stays as it is'}"
    if one.otherwise:
        more = len(one.otherwise) - NAMED
        yield f"  chosen anew: {joined(list(one.otherwise[:NAMED]))}" + (
            f" and {more} more" if more > 0 else ""
        )


def _row(one: After, start: Done) -> dict[str, object]:
    """One event in figures: levels as proven, and terms of the plans found."""
    row: dict[str, object] = {
        "event": one.shock.name,
        "kind": one.shock.kind,
        "who": ";".join(one.shock.who),
    }
    terms = read_card(start.case.question.model).terms
    for words, done, levels in (
        ("held", one.held, one.apart[0]),
        ("anew", one.free, one.apart[1]),
    ):
        row[f"{words}_status"] = done.status
        for level in levels:
            name = f"{words}_{level.level.replace(' ', '_')}"
            row[f"{name}_at_least"] = None if level.low is None else float(level.low)
            row[f"{name}_at_most"] = None if level.high is None else float(level.high)
        for term in terms:
            if term in done.record.get("terms", {}):
                now, then = (x.record["terms"][term]["amount"] for x in (start, done))
                row[f"{words}_{term}_more"] = then - now
    return row | {"chosen_anew": "; ".join(one.otherwise)}
