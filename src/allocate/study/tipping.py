"""What decides an answer: how far each input can move before it chooses otherwise, what is assumed.

At each value of an input the question is asked twice: with what the answer chose held, begun from
that answer, and from there with all of it free. Only where the second is proven to be better has
the value tipped the answer; only where it is proven to be no better, or better by no more than the
gap asked for, has it not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from allocate import registry
from allocate.answered import Answered
from allocate.asked import Asked
from allocate.core.worker import warm
from allocate.findings import Findings
from allocate.inputs import Point, Uncertain, set_to, uncertain
from allocate.result import INFEASIBLE
from allocate.study.alone import by_itself
from allocate.study.asking import AS_ASKED, Study
from allocate.study.case import Case, Done
from allocate.study.decided import changed, decided
from allocate.study.meaning import answer_for
from allocate.study.sensitivity import Matters, drawn, matters, noise, table
from allocate.study.settling import Settling, as_asked, unproven
from allocate.study.tipping_words import SHOWN, alone_table, inputs_table, named, sections
from allocate.study.tried import tried
from allocate.units import Floats
from allocate.variants import AT_ONCE, METHOD, Variants

OWN_SHARE = 0.2  # of the time, for how far figures that an answer rests on can fall
FIRST_SHARE = 0.1  # at most, for the question as it is asked
POINTS_SHARE = 0.35  # for each input by itself
DRAWS_SHARE = 0.2  # for all uncertain figures at once
ALONE_SHARE = 0.15  # for the figures that matter most, each by itself
HELD, FREE, DRAW = "held", "free", "draw"
CASE = "case"
ENDS = ((0.0, "lowest"), (1.0, "highest"))


def tipping(folder: Path, study: Study, *, draws: int = 24, seed: int = 1) -> Findings:
    """Find what decides the answer of a result folder.

    Parameters
    ----------
    folder
        A result folder.
    study
        Where to keep the answers, and the time.
    draws, seed
        How often uncertain figures are drawn, all at once, and what they are drawn with.

    Raises
    ------
    BadInput
        For a folder that is no result, or where nothing decides it.
    """
    answered = answer_for(folder, "tipping")
    began = time.monotonic()
    firm = [] if study.seconds is None else _firm(answered, study, study.seconds * OWN_SHARE)
    asked = by_itself(answered.asked, study.folder / CASE)
    study = replace(study, start=folder)
    settling = as_asked(study, asked.question, began, FIRST_SHARE, OWN_SHARE)
    base = settling.first
    model, solution = asked.model, answered.solution
    inputs, figures = model.points(asked, solution), uncertain(asked, model.floors(asked.instance))
    shares = drawn(figures, draws, seed) if figures else np.zeros((0, 0))
    pairs: list[Case] = []
    for number, point in enumerate(inputs, start=1):
        fixed = model.held(asked, solution, point.question)
        pairs.append(Case(f"{number} {HELD}", fixed, AS_ASKED))
        pairs.append(Case(f"{number} {FREE}", point.question, f"{number} {HELD}"))
    at_once = [
        Case(f"{DRAW} {number}", set_to(asked, _values(figures, row)), AS_ASKED)
        for number, row in enumerate(shares.tolist(), start=1)
    ]
    done = settling.settle(pairs, POINTS_SHARE, lambda done: _open(inputs, done))
    done |= settling.settle(at_once, DRAWS_SHARE)
    found = [
        tried(point, done[f"{number} {HELD}"], done[f"{number} {FREE}"])
        for number, point in enumerate(inputs, start=1)
    ]
    ended, shares = _ended(done, shares)
    ranked = _ranked(figures, shares, base, ended)
    most = [one for one in ranked if not one.does_nothing][:SHOWN]
    alone = _alone(asked, most, settling)
    chance = noise(len(figures), len(shares))
    return Findings(
        f"What decides the answer: {answered.asked.question.text}",
        list(
            sections(
                found,
                base,
                firm,
                list(named(most, alone, base, (len(shares), draws), seed, chance)),
            )
        ),
        {
            "inputs": inputs_table(found),
            "assumptions": table(ranked, chance),
            "assumptions_alone": alone_table(alone, base),
        },
    )


def _values(figures: Sequence[Uncertain], row: Sequence[float]) -> list[tuple[Uncertain, float]]:
    return [(one, one.at(share)) for one, share in zip(figures, row, strict=True)]


def _open(inputs: Sequence[Point], done: Mapping[str, Done]) -> list[str]:
    """Name the questions about single inputs that more time may settle."""
    names: list[str] = []
    for number, point in enumerate(inputs, start=1):
        pair = [f"{number} {HELD}", f"{number} {FREE}"]
        if tried(point, *(done[name] for name in pair)).verdict == "open":
            names += pair
    return unproven({name: done[name] for name in names})


def _firm(answered: Answered, study: Study, seconds: float) -> list[str]:
    """Say how far the figures that an answer rests on can fall, where its model can tell."""
    warm(METHOD, AT_ONCE)
    return registry.firm(answered, lambda share: Variants(answered, seconds * share, study.watch))


def _ended(done: Mapping[str, Done], shares: Floats) -> tuple[list[Done], Floats]:
    """Return the draws that were answered, with what was drawn."""
    asked = [done[f"{DRAW} {number}"] for number in range(1, len(shares) + 1)]
    kept = [one.has_plan or one.status == INFEASIBLE for one in asked]
    return [one for one, keep in zip(asked, kept, strict=True) if keep], shares[kept]


def _ranked(
    figures: Sequence[Uncertain], shares: Floats, base: Done, ended: Sequence[Done]
) -> list[Matters]:
    """Measure how the answer goes with each figure over all draws that were answered."""
    if len(ended) < 2:
        return []
    flipped = np.array([bool(changed(decided(base), decided(one))) for one in ended], dtype=bool)
    return matters(figures, shares, ended, flipped)


def _alone(
    asked: Asked,
    most: Sequence[Matters],
    settling: Settling,
) -> list[tuple[Matters, str, float, Done]]:
    """Ask again with each of the figures that matter most at either end, all others as stated."""
    rows = [
        (one, words, value)
        for one in most
        for share, words in ENDS
        for value in [one.figure.at(share)]
        if value != one.figure.stated
    ]
    cases = [
        Case(f"{one.figure.name} {words}", set_to(asked, [(one.figure, value)]), AS_ASKED)
        for one, words, value in rows
    ]
    done = settling.settle(cases, ALONE_SHARE)
    return [(one, words, value, done[f"{one.figure.name} {words}"]) for one, words, value in rows]
