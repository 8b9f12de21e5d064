"""What decides an answer, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from allocate.findings import Section
from allocate.study.apart import apart
from allocate.study.case import Done
from allocate.study.decided import Decided, changed, decided, told
from allocate.study.sensitivity import Matters
from allocate.study.tried import Tried
from allocate.units import joined

SHOWN = 5  # assumptions that the page names
NAMED = 6  # choices that a line names
Alone = tuple[Matters, str, float, Done]  # a figure, at which end, its value, what came of it


def sections(
    found: Sequence[Tried], base: Done, firm: Sequence[str], most: Sequence[str]
) -> Iterator[Section]:
    """Say how far each input can move, and which assumptions matter most."""
    chosen = decided(base)
    listed = [f"{label} {words}" for label, words in chosen.items()]
    yield "What is chosen as asked", listed or ["nothing"]
    if firm:
        yield "How far figures that it rests on can fall", firm
    lines: list[str] = []
    for name in dict.fromkeys(one.point.input for one in found):
        lines += _input(name, [one for one in found if one.point.input == name], chosen)
    yield "How far each input can move before another choice is better", lines or ["None to ask."]
    if most:
        yield f"The {SHOWN} assumptions that matter most", most
    yield (
        "How to read this",
        [
            "Holds and tips are proven on every level but staff time, which is not compared: with",
            "what was chosen held, nothing is lost beyond the gap asked for, or something is. Open",
            "is neither in the time given. What was not tried between two values is not known.",
            "Allow more --seconds to settle more.",
        ],
    )


def _input(name: str, tried: Sequence[Tried], chosen: Decided) -> Iterator[str]:
    """Say of one input where the choice holds and where it tips."""
    yield f"{name}, now {tried[0].point.now}"
    words = {"holds": "the choice holds at", "open": "not settled at"}
    for verdict, text in words.items():
        values = [f"{one.point.value:g}" for one in tried if one.verdict == verdict]
        if values:
            yield f"  {text} {joined(values)}"
    for one in tried:
        if one.verdict == "tips":
            first = next((level for level in one.apart if not level.same), None)
            why = f": {first.level} {first} than with the choice held" if first else ""
            yield f"  tips at {one.point.value:g}{why}; then {_short(changed(chosen, one.chosen))}"
        elif one.verdict == "cannot be met":
            yield f"  cannot all be met at {one.point.value:g}, whatever is chosen"


def _short(lines: Sequence[str]) -> str:
    """Write some changes in one line."""
    more = len(lines) - NAMED
    listed = "; ".join(lines[:NAMED])
    return (listed + (f" and {more} more" if more > 0 else "")) or "the same is chosen"


def named(
    most: Sequence[Matters],
    alone: Sequence[Alone],
    base: Done,
    draws: tuple[int, int],
    seed: int,
    chance: float,
) -> Iterator[str]:
    """Name the assumptions that matter most, with what each does by itself."""
    answered, asked = draws
    if not answered:
        return
    cut = "" if answered == asked else f", {answered} of them answered in the time given"
    yield (
        f"All figures that nobody recorded were drawn at once, {asked} times, seed {seed}{cut}: "
        "those assumed within a fifth, those that a provider said within a tenth. Correlation is "
        "of rank, from -1 to 1, between what is proven of all pairs of draws; below nought the "
        f"answer is worse where the figure is lower. Chance alone makes up to {chance:.2f}."
    )
    if not most:
        yield "None of them changed anything: each answer is proven to be as good as every other."
    for one in most:
        figure = one.figure
        sure = "" if one.beyond_chance(chance) else "; not beyond chance"
        flips = "" if one.flips is None else f"; goes with another choice by {one.flips:+.2f}"
        yield (
            f"{figure.name}, {figure.stated:,.10g}, {figure.basis}: between {one.low:+.2f} and "
            f"{one.high:+.2f}{sure}{flips}"
        )
        for other, words, value, done in alone:
            if other is one:
                yield f"  alone at its {words}, {value:,.6g}: {_alone_words(base, done)}"


def _alone_words(base: Done, done: Done) -> str:
    """Say what one figure does by itself, and whether something else is chosen."""
    if not done.has_plan:
        return "cannot all be met" if done.status == "infeasible" else "no plan in the time given"
    levels = apart(base.record["levels"], done.record["levels"])
    parts = [f"{one.level} {one}" for one in levels if not one.same and (one.plans or one.differs)]
    flips = changed(decided(base), decided(done))
    said = "; ".join(parts) or "no level differs in the plans found"
    return f"{said}; then {_short(flips)}" if flips else said


def inputs_table(found: Sequence[Tried]) -> pd.DataFrame:
    """One row an input and value."""
    rows = []
    for one in found:
        first = next((level for level in one.apart if not level.same), None)
        better = "" if first is None else f"{first.level} {first}"
        point = one.point
        rows.append((point.input, point.now, point.value, one.verdict, better, told(one.chosen)))
    columns = ["input", "now", "value", "verdict", "free_beside_held", "chosen"]
    return pd.DataFrame(rows, columns=columns)


def alone_table(alone: Sequence[Alone], base: Done) -> pd.DataFrame:
    """One row a figure that matters and end."""
    rows = []
    for one, words, value, done in alone:
        levels = apart(base.record["levels"], done.record["levels"]) if done.has_plan else []
        by_level = {level.level: str(level) for level in levels}
        flips = "; ".join(changed(decided(base), decided(done))) if done.has_plan else ""
        row: dict[str, object] = {"assumption": one.figure.name, "end": words, "set_to": value}
        rows.append(row | {"status": done.status, "chosen_otherwise": flips} | by_level)
    columns = ["assumption", "end", "set_to", "status", "chosen_otherwise"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
