"""Why a total differs from one answer to the next: what became of each of its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocate.parts import ENDS, GONE, MOVES, NEW, SAME, STARTS, Part, Steps


@dataclass(frozen=True)
class Step:
    """One step from a total to the next.

    Parameters
    ----------
    words
        What became of the parts.
    count
        How many parts these are.
    amount
        What they add.
    """

    words: str
    count: int
    amount: Fraction


@dataclass(frozen=True)
class Fall:
    """A waterfall.

    Parameters
    ----------
    one, other
        Letters of the answers that it leads from and to.
    term, unit
        Which total, and its unit.
    before, after
        The total in each.
    steps
        What leads from the one to the other.
    """

    one: str
    other: str
    term: str
    unit: str
    before: Fraction
    steps: tuple[Step, ...]
    after: Fraction


def waterfall(
    before: Iterable[Part], after: Iterable[Part], term: str, steps: Steps, names: Sequence[str]
) -> list[Step]:
    """Return what leads from one answer's total of a term to another's; steps of nought left out.

    Parameters
    ----------
    before, after
        Parts of the two answers.
    term
        Which term.
    steps
        Words by kind of part; a kind without any has a step for each of its own.
    names
        What the two answers are called.

    Returns
    -------
    list of Step
        The largest first; they add up to the difference exactly.
    """
    one, other = _by_name(before, term), _by_name(after, term)
    count: dict[str, int] = defaultdict(int)
    amount: dict[str, Fraction] = defaultdict(Fraction)
    for name in dict.fromkeys([*one, *other]):
        a, b = one.get(name), other.get(name)
        difference = _amount(b, term) - _amount(a, term)
        if difference:
            words = _words(a, b, steps).format(a=names[0], b=names[1])
            count[words] += 1
            amount[words] += difference
    found = [Step(words, count[words], amount[words]) for words in amount if amount[words]]
    return sorted(found, key=lambda step: (-abs(step.amount), step.words))


def _by_name(parts: Iterable[Part], term: str) -> dict[tuple[str, str], Part]:
    return {(part.kind, part.id): part for part in parts if term in part.amounts}


def _amount(part: Part | None, term: str) -> Fraction:
    return Fraction(0) if part is None else part.amounts[term]


def _words(a: Part | None, b: Part | None, steps: Steps) -> str:
    """Say what became of a part."""
    part = a or b
    assert part is not None
    of_kind: Mapping[str, str] = steps.get(part.kind, {})
    return of_kind.get(_became(a, b), part.id.replace("{", "{{").replace("}", "}}"))


def _became(a: Part | None, b: Part | None) -> str:
    if a is None:
        return NEW
    if b is None:
        return GONE
    if a.state == b.state:
        return SAME
    return MOVES if a.state and b.state else STARTS if b.state else ENDS
