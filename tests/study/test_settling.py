"""Many questions within a time: each for a moment, then again those that are still open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import inf, log2
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.core.outcome import Watch
from allocate.errors import BadInput
from allocate.study.asking import AS_ASKED, Study, limited
from allocate.study.case import NOT_RUN, Case, Done
from allocate.study.settling import Settling, _Time, as_asked
from helpers.studies import asked

NEEDS = {"quick": 1.0, "slow": 20.0, "endless": inf}  # seconds that each takes to be proven


class Told(Study):
    """A study whose questions are settled where they may take as long as they need."""

    def run(self, cases: Sequence[Case], ends: float = inf) -> dict[str, Done]:
        """Say what comes of each, and remember what was asked."""
        asked_now.extend(cases)
        late = time.monotonic() >= ends
        return {case.name: NO if late else of(case) for case in cases}


asked_now: list[Case] = []
NO = Done(Case("x", asked()), "", NOT_RUN)


def of(case: Case) -> Done:
    """What comes of a case."""
    need = NEEDS.get(case.name.split(",")[0], 0.0)
    enough = case.question.limits.seconds >= need
    record = {"levels": [{"name": "x"}]}
    return Done(case, "", "optimal" if enough else "feasible", record=record)


def settled(tmp_path: Path, seconds: float, began: float) -> dict[str, Done]:
    """What comes of all three questions in so many seconds."""
    asked_now.clear()
    study = Told(tmp_path / "study", seconds, 1, Watch())
    first = of(Case(AS_ASKED, limited(asked(), 5)))
    cases = [Case(name, asked(), AS_ASKED) for name in NEEDS]
    return Settling(study, first, began, 0.0).settle(cases, 1.0)


def test_what_is_open_is_asked_again_from_its_own_answer(tmp_path: Path) -> None:
    """None that is settled is asked twice; one that is not, for at least twice as long."""
    done = settled(tmp_path, 60, time.monotonic())
    assert [done[name].status for name in NEEDS] == ["optimal", "optimal", "feasible"]
    again = [case for case in asked_now if "again" in case.name]
    assert {case.name.split(",")[0] for case in again} <= {"slow", "endless"}
    limits = {case.name: case.question.limits.seconds for case in asked_now}
    for case in again:
        assert limits[case.name] >= 2 * limits[case.parent]


def test_nothing_is_begun_once_the_time_is_over(tmp_path: Path) -> None:
    """What other parts of a study took too long for is not asked."""
    done = settled(tmp_path, 60, time.monotonic() - 61)
    assert {one.status for one in done.values()} == {NOT_RUN}


@settings(deadline=None)
@given(st.floats(1, 100), st.floats(0.1, 1000), st.integers(1, 50))
def test_times_are_few_and_fit(share: float, left: float, waiting: int) -> None:
    """The share doubled or halved: what the last may take is never more than is left."""
    each = _Time(time.monotonic() + left, share, 1).each(waiting)
    assert each == 1 or log2(each / share).is_integer()
    assert each <= max(left, 1.0)
    assert each >= min(left, 4 * left / waiting) / 2 - 0.1


def test_a_question_without_an_answer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to set others beside."""
    study = Told(tmp_path / "study", 60, 1, Watch())
    monkeypatch.setattr(Told, "run", lambda *_: {AS_ASKED: NO})
    with pytest.raises(BadInput, match="has no plan: not run"):
        as_asked(study, asked(), time.monotonic(), 0.5)
