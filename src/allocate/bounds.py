"""The bounds of an answer, proved once more from its folder: no solver, and no program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocate.answered import CHANGED, Answered, read_answer
from allocate.errors import BadInput, Fault
from allocate.price_list import read_prices
from allocate.proving import WORD

FILE = "certificate.json"


@dataclass(frozen=True)
class Checked:
    """A level whose bound was looked at again.

    Parameters
    ----------
    words
        What was found, as a line.
    stands
        Whether the bound rests on what the certificate says it does.
    """

    words: str
    stands: bool


def check_bounds(folder: str | Path) -> list[Checked]:
    """Prove the bounds of an answer again.

    Parameters
    ----------
    folder
        A folder that ``allocate solve --out`` wrote.

    Returns
    -------
    list of Checked
        One a level.

    Raises
    ------
    BadInput
        Where it is none, has no plan, or its files do not agree with each other.
    """
    answered = read_answer(folder)
    where = Path(folder) / FILE
    try:
        told = json.loads(where.read_text(encoding="utf-8"))["levels"]
        pairs = list(zip(answered.record["levels"], told, strict=True))
        return [_checked(answered, number, *pair) for number, pair in enumerate(pairs)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = "is missing, or does not say what the bounds of this answer rest on"
        raise BadInput(str(folder), [Fault(str(where), "", problem, CHANGED)]) from error


def _checked(
    answered: Answered, number: int, level: Mapping[str, Any], told: Mapping[str, Any]
) -> Checked:
    """Count what the prices of a level prove, and hold it against the bound.

    Raises
    ------
    ValueError, KeyError, TypeError
        Where the certificate is about another bound, or cannot be read.
    """
    name, bound = level["name"], level["bound"]
    if any(level[key] != told[key] for key in ("name", "bound", "proof")):
        raise ValueError(f"The certificate of {name} is about another bound.")
    if bound is None:
        return Checked(f"{name}: no bound was claimed.", True)
    asked = answered.asked
    words = asked.question.levels[number]
    found = asked.model.least_at(asked.instance, words, read_prices(told))
    if found is None:
        return Checked(f"{name}: the prices are on what has none; they prove nothing.", False)
    # A decimal never falls when what it was rounded from rises: so written, both can be compared.
    proven, kind = float(found), told["proof"]
    if kind == WORD:
        text = f"the bound {bound:,.10g} is the solver's word; {proven:,.10g} is proven without it"
        return Checked(f"{name}: {text}.", proven >= told["proven"])
    if proven >= bound:
        return Checked(f"{name}: the bound {bound:,.10g} is proven again, by {kind}.", True)
    text = f"NOT PROVEN: the bound is {bound:,.10g}, and by {kind} only {proven:,.10g} is proven"
    return Checked(f"{name}: {text}.", False)
