"""Many questions like one that is answered, within a time: asked once, and the open ones again.

Most take about as long as that one did and a few take far longer; which, is not known before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from allocate.study.asking import LEAST_SECONDS, Study, limited
from allocate.study.case import NOT_RUN, Case, Done

MORE = 4  # times as long as a question like it took; and again, where that did not settle it
Unsettled = Callable[[Mapping[str, Done]], Sequence[str]]


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

    def settle(self, cases: Sequence[Case], share: float, unsettled: Unsettled) -> dict[str, Done]:
        """Ask some questions, and those that are not settled again, longer.

        How long each may take follows from how long the first took and from the time planned, so
        that a study that was stopped takes what is there already.

        Parameters
        ----------
        cases
            What is asked; once, within its own limits, where the study has no limit.
        share
            Of the time of the study, for them.
        unsettled
            Names of questions, those that matter most first, given what came of each so far.
        """
        study, first, whole = self.study, self.first, self.study.seconds
        self.share += share
        if whole is None or not cases:
            return study.run([first.case, *cases])
        ends = self.began + whole * self.share
        each = self._each(whole * share, len(cases))
        asked = {c.name: replace(c, question=limited(c.question, each)) for c in cases}
        asked = {first.case.name: first.case, **asked}
        last = {name: name for name in asked}
        done = study.run(list(asked.values()), ends)
        while time.monotonic() < ends and (again := unsettled(done)) and not study.watch.stop:
            each *= MORE
            for name in again:
                before = asked[last[name]]
                last[name] = f"{before.name}, again"
                asked[last[name]] = Case(last[name], limited(before.question, each), before.name)
            found = study.run(_with_those_above(asked, [last[name] for name in again]), ends)
            asked_again = {name: found[last[name]] for name in again}
            done |= {name: one for name, one in asked_again.items() if one.status != NOT_RUN}
        return done

    def _each(self, seconds: float, count: int) -> float:
        """Seconds for each question at first: no less than an equal share, nor far more."""
        share = max(seconds * self.study.cores / count, LEAST_SECONDS)
        like = float(self.first.record["seconds"]["solve"])
        return min(max(like * MORE, share), share * MORE)


def _with_those_above(asked: Mapping[str, Case], names: Sequence[str]) -> list[Case]:
    """Return some cases with all that they start from."""
    found: dict[str, Case] = {}
    for name in names:
        while name and name not in found:
            found[name] = asked[name]
            name = found[name].parent
    return list(found.values())
