"""What can be wrong with a question, told so that a person can put it right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

FAULTS_SHOWN_PER_KIND = 8
SHEET = re.compile(r" line | row |!")  # what stands before is the file or sheet of a place


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where it stands and what to do.

    Parameters
    ----------
    place
        File, and line or cell where there is one: ``packages.csv line 14``,
        ``case.xlsx packages!C14``.
    value
        Column and cell as typed: ``hours_per_week = "-3"``; empty where no cell is to blame.
    problem
        What is wrong, as a sentence without its full stop.
    remedy
        What to do, as a sentence without its full stop.
    """

    place: str
    value: str
    problem: str
    remedy: str

    @classmethod
    def unknown(cls, place: str, value: str, noun: str, word: str, known: Iterable[str]) -> Fault:
        """Refuse a word that is none of those known.

        Parameters
        ----------
        place, value
            As of every fault.
        noun
            What the word should name: ``model``.
        word
            The word as typed.
        known
            The words that exist.
        """
        words = list(known)
        problem = f"no such {noun}{nearest(word, words)}"
        return cls(place, value, problem, f"Use one of: {', '.join(words)}")

    def __str__(self) -> str:
        cell = f", {self.value}" if self.value else ""
        return f"{self.place}{cell}: {self.problem}. {self.remedy}."


class AllocateError(Exception):
    """Anything that this package raises on purpose."""


class BadInput(AllocateError):
    """A question or case that cannot be understood; holds every fault found, not the first.

    Parameters
    ----------
    where
        The case or file that was read.
    faults
        All that is wrong with it.
    """

    def __init__(self, where: str, faults: Sequence[Fault]) -> None:
        self.where = where
        self.faults = tuple(faults)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.faults)
        noun = "fault" if count == 1 else "faults"
        return "\n".join([f"{count} {noun} in {self.where}", *self._lines()])

    def _lines(self) -> Iterable[str]:
        """Show each kind of fault a few times, then say how many more there are."""
        seen: dict[tuple[str, str], int] = {}
        for fault in self.faults:
            kind = (SHEET.split(fault.place)[0], fault.remedy)
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] <= FAULTS_SHOWN_PER_KIND:
                yield f"  {fault}"
        for (place, _), count in seen.items():
            if count > FAULTS_SHOWN_PER_KIND:
                yield f"  {place}: and {count - FAULTS_SHOWN_PER_KIND} more of the same kind."


class SolverFailed(AllocateError):
    """A solver broke down or is not installed; says which and what to do instead."""


class ReviewFailed(AllocateError):
    """The independent review disagrees with the solver; no answer is returned."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Name the known word closest to a mistyped one, as a phrase for a message.

    Parameters
    ----------
    word
        The word as typed.
    known
        The words that exist.

    Returns
    -------
    str
        `` (closest: "A90")``, or an empty string where nothing is close.
    """
    known = list(known)
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    if not close:
        folded = {item.casefold(): item for item in known}
        close = [folded[item] for item in get_close_matches(word.casefold(), folded, 1, 0.5)]
    if not close:
        close = [item for item in known if word and word.casefold() in item.casefold()]
    return f' (closest: "{close[0]}")' if close else ""


def closest_first(word: str, known: Iterable[str]) -> list[str]:
    """Put the words that are close to a mistyped one first; the others stay in their order."""
    known = list(known)
    close = get_close_matches(word.casefold(), known, n=len(known), cutoff=0.5)
    return [*close, *(item for item in known if item not in close)]
