"""Many questions beside one, within a time: a moment for each, then again for those still open.

Most questions take a moment and a few take far longer; which, is not known before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from allocate.result import INFEASIBLE, OPTIMAL
from allocate.study.asking import AS_ASKED, Study, limited, with_plan
from allocate.study.case import FAILED, NOT_RUN, Case, Done
from allocate.study.scenario import Question

FIRST_SHARE = 1 / 3  # of the time of a study, at most, for the question as it is asked
LEAST_SECONDS = 1.0
Open = Callable[[Mapping[str, Done]], Sequence[str]]


def ask(
    study: Study, question: Question, others: Mapping[str, Question]
) -> tuple[Done, dict[str, Done]]:
    """Ask a question, and then others that start from its answer.

    Parameters
    ----------
    study
        Where to keep the answers, and the time.
    question, others
        What is asked; the others by name, each of the same model.

    Returns
    -------
    tuple
        What came of the first, and of each other by its name.

    Raises
    ------
    BadInput
        Where the first has no answer to compare with.
    """
    settling = as_asked(study, question, time.monotonic(), FIRST_SHARE)
    cases = [Case(name, other, AS_ASKED) for name, other in others.items()]
    done = settling.settle(cases, 1 - FIRST_SHARE)
    return settling.first, {name: done[name] for name in others}


def as_asked(
    study: Study, question: Question, began: float, share: float, before: float = 0.0
) -> Settling:
    """Answer the question that others stand beside.

    Parameters
    ----------
    study, question
        Where to keep the answers and the time, and what is asked.
    began
        When the study began, by the monotonic clock.
    share, before
        Of the time of the study, at most, for this question; and what parts before it had.

    Raises
    ------
    BadInput
        Where it has no answer.
    """
    seconds = None if study.seconds is None else study.seconds * share
    done = study.run([Case(AS_ASKED, limited(question, seconds))])[AS_ASKED]
    return Settling(study, with_plan(done), began, before + share)


def unproven(done: Mapping[str, Done]) -> list[str]:
    """Name the questions of which more time may say more.

    Parameters
    ----------
    done
        What came of each so far.
    """
    return [name for name, one in done.items() if one.status not in (OPTIMAL, INFEASIBLE, FAILED)]


@dataclass
class Settling:
    """The time of a study, of which each part has a share, and what parts before it left over.

    Parameters
    ----------
    study
        The study.
    first
        The question that is answered; others may name it as their parent.
    began
        When the study began, by the monotonic clock.
    share
        Of its time, what the parts so far may take.
    """

    study: Study
    first: Done
    began: float
    share: float

    def settle(
        self, cases: Sequence[Case], share: float, open_: Open = unproven
    ) -> dict[str, Done]:
        """Ask some questions, and those that are not settled again, longer, while there is time.

        How long each may take is one of few values, so that a study that was stopped takes most of
        what is there already.

        Parameters
        ----------
        cases
            What is asked; once, within its own limits, where the study has no limit.
        share
            Of the time of the study, for them.
        open_
            Names of questions that more time may settle, given what came of each so far.
        """
        study, first, whole = self.study, self.first, self.study.seconds
        self.share += share
        if whole is None or not cases:
            return study.run([first.case, *cases])
        ends = self.began + whole * self.share
        each = max(whole * share * study.cores / len(cases), LEAST_SECONDS)
        asked = {c.name: replace(c, question=limited(c.question, each)) for c in cases}
        asked[first.case.name] = first.case
        last = {name: name for name in asked}
        done = study.run(list(asked.values()), ends)
        while again := [name for name in open_(done) if name in last and name != AS_ASKED]:
            left = ends - time.monotonic()
            longer = _longer(each, min(left, left * study.cores / len(again)))
            if longer is None or study.watch.stop:
                break
            each = longer
            for name in again:
                before = asked[last[name]]
                last[name] = f"{before.name}, again"
                asked[last[name]] = Case(last[name], limited(before.question, each), before.name)
            found = study.run(_with_those_above(asked, [last[name] for name in again]), ends)
            asked_again = {name: found[last[name]] for name in again}
            done |= {name: one for name, one in asked_again.items() if one.status != NOT_RUN}
        return done


def _longer(each: float, room: float) -> float | None:
    """Return a time doubled as often as there is room for; None where there is not."""
    if 2 * each > room:
        return None
    while 2 * each <= room:
        each *= 2
    return each


def _with_those_above(asked: Mapping[str, Case], names: Sequence[str]) -> list[Case]:
    """Return some cases with all that they start from."""
    found: dict[str, Case] = {}
    for name in names:
        while name and name not in found:
            found[name] = asked[name]
            name = found[name].parent
    return list(found.values())
