"""Many questions beside one, within a time: each asked once, then again those still open.

Most questions take a moment and a few take far longer; which, is not known before. So each may take
several times its share of what is left, and whatever it leaves is there for the others.
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
GENEROUS = 4  # times its share of what is left, at most, for a question
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
        whole, cores = self.study.seconds, self.study.cores
        self.share += share
        if whole is None or not cases:
            return self.study.run([self.first.case, *cases])
        time_ = _Time(self.began + whole * self.share, whole * share * cores / len(cases), cores)
        asked = {self.first.case.name: self.first.case}
        done: dict[str, Done] = {}
        chains = _chains(cases)
        while chains:
            each = time_.each(sum(len(chain) for chain in chains))
            now = [case for chain in chains[:cores] for case in chain]
            chains = chains[cores:]
            asked |= {c.name: replace(c, question=limited(c.question, each)) for c in now}
            done |= self._run(asked, {case.name: case.name for case in now}, time_)
        last = {name: name for name in done}
        while again := [name for name in open_(done) if name in last]:
            each = time_.each(len(again))
            longer = [n for n in again if 2 * _limit(asked[last[n]]) <= each][:cores]
            if not longer or self.study.watch.stop:
                break
            for name in longer:
                case = asked[last[name]]
                last[name] = f"{case.name}, again"
                asked[last[name]] = Case(last[name], limited(case.question, each), case.name)
            found = self._run(asked, {name: last[name] for name in longer}, time_)
            done |= {name: one for name, one in found.items() if one.status != NOT_RUN}
        return done

    def _run(
        self, asked: Mapping[str, Case], names: Mapping[str, str], time_: _Time
    ) -> dict[str, Done]:
        """Ask some of the questions, and return what came of them by the names wanted."""
        found = self.study.run(_with_those_above(asked, list(names.values())), time_.ends)
        return {name: found[asked_as] for name, asked_as in names.items()}


@dataclass(frozen=True)
class _Time:
    """When questions have to end, the share of each of them, and how many are asked at once."""

    ends: float
    share: float
    cores: int

    def each(self, waiting: int) -> float:
        """Seconds for a question while so many wait: the share doubled or halved, as it fits."""
        left = max(self.ends - time.monotonic(), 0.0)
        room = min(left, GENEROUS * left * self.cores / waiting)
        each = self.share
        while each > room and each > LEAST_SECONDS:
            each /= 2
        while 2 * each <= room:
            each *= 2
        return max(each, LEAST_SECONDS)


def _limit(case: Case) -> float:
    return case.question.limits.seconds


def _chains(cases: Sequence[Case]) -> list[list[Case]]:
    """Put each case that starts from another of them behind that one."""
    chains: dict[str, list[Case]] = {}
    for case in cases:
        chain = chains.get(case.parent, [])
        chain.append(case)
        chains[case.name] = chain
    return list({id(chain): chain for chain in chains.values()}.values())


def _with_those_above(asked: Mapping[str, Case], names: Sequence[str]) -> list[Case]:
    """Return some cases with all that they start from."""
    found: dict[str, Case] = {}
    for name in names:
        while name and name not in found:
            found[name] = asked[name]
            name = found[name].parent
    return list(found.values())
