"""Cases of a study: each stored under the hash of its inputs, whatever happens to the others."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from allocate import solving
from allocate.core.outcome import Watch
from allocate.core.worker import Worker
from allocate.errors import BadInput
from allocate.files.lock import locked
from allocate.ledger.entry import of_case
from allocate.result import Result
from allocate.start import read_start
from allocate.study import crew, task
from allocate.study.case import FAILED, NOT_RUN, Case, Done
from allocate.study.running import run_cases
from allocate.study.scenario import Question
from allocate.study.scenario_file import read_scenario
from helpers.cases import OK_SMALL, TESTS
from helpers.studies import CROWDED, FAMILY, asked, texts


def by_name(done: Sequence[Done]) -> dict[str, Done]:
    """What came of each case."""
    return {item.case.name: item for item in done}


def test_each_case_starts_from_its_parent(tmp_path: Path) -> None:
    """A child's record names the files of its parent's answer, and the parent comes first."""
    done = list(run_cases(FAMILY, tmp_path))
    assert [item.status for item in done] == ["optimal"] * 4
    found = by_name(done)
    assert [item.start for item in (found["root"], found["child"])] == ["", "root"]
    assert found["root"].record["start"] is None
    assert found["grandchild"].start == "child"
    assert found["grandchild"].record["start"]["files"]["leads.csv"]
    assert len({item.key for item in done}) == 4


@pytest.mark.slow
def test_processes_give_the_bytes_of_one(tmp_path: Path) -> None:
    """Two processes store what one stores, under the same hashes."""
    alone = list(run_cases(FAMILY, tmp_path / "1"))
    both = list(run_cases(FAMILY, tmp_path / "2", cores=2))
    assert {item.key for item in alone} == {item.key for item in both}
    assert texts(tmp_path / "1") == texts(tmp_path / "2")


def test_nothing_runs_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is not solved again; a case that is new is."""
    list(run_cases(FAMILY[:3], tmp_path))
    solved: list[str] = []
    answer = task.answer
    monkeypatch.setattr(
        task, "answer", lambda question, **rest: solved.append(question) or answer(question, **rest)
    )
    done = by_name(list(run_cases(FAMILY, tmp_path)))
    assert [item.stored for item in done.values()] == [True, True, True, False]
    assert solved == [FAMILY[3].question]


@pytest.mark.parametrize("cores", [1, 2])
def test_the_same_question_twice_is_solved_once(tmp_path: Path, cores: int) -> None:
    """Two names for one question have one answer, and each lends it to its children."""
    family = [
        Case("one", asked()),
        Case("two", asked()),
        Case("child of one", asked(0.5), "one"),
        Case("child of two", asked(0.5), "two"),
    ]
    found = by_name(list(run_cases(family, tmp_path, cores=cores)))
    assert [item.status for item in found.values()] == ["optimal"] * 4
    assert found["one"].folder == found["two"].folder
    assert sum(item.stored for item in found.values()) == 2
    assert found["child of two"].start in ("one", "two")
    assert len(list((tmp_path / "cases").iterdir())) == 2


def test_answer_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    """A stored folder without its result.json counts for nothing."""
    (first,) = run_cases(FAMILY[:1], tmp_path)
    assert first.folder is not None
    (first.folder / "result.json").unlink()
    (again,) = run_cases(FAMILY[:1], tmp_path)
    assert (again.stored, again.folder, again.status) == (False, first.folder, "optimal")


def test_what_cannot_be_met_lends_no_start(tmp_path: Path) -> None:
    """Children of a case without a plan start from the nearest above it that has one."""
    family = [
        Case("root", asked()),
        Case("crowded", read_scenario(OK_SMALL, CROWDED), "root"),
        Case("child", asked(0.5), "crowded"),
    ]
    found = by_name(list(run_cases(family, tmp_path)))
    assert found["crowded"].status == "infeasible"
    assert found["crowded"].folder is not None
    assert (found["child"].status, found["child"].start) == ("optimal", "root")


def test_conflict_of_one_of_many_has_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be met is named in a tenth of a case's limit, and not in half of it."""
    given: list[float] = []
    find = solving.find_conflict

    def found(*rest: Any) -> Any:
        given.append(rest[-1])
        return find(*rest)

    monkeypatch.setattr(solving, "find_conflict", found)
    crowded = read_scenario(OK_SMALL, {**CROWDED, "limits": {"seconds": 40}})
    (done,) = run_cases([Case("crowded", crowded)], tmp_path)
    assert (done.status, given) == ("infeasible", [4.0])
    assert done.record["conflict"]


def test_an_answer_at_hand_is_where_cases_start(tmp_path: Path) -> None:
    """Those without a parent start from it, and those whose parents have no plan."""
    (first,) = run_cases(FAMILY[:1], tmp_path / "first")
    assert first.folder is not None
    crowded = Case("crowded", read_scenario(OK_SMALL, CROWDED))
    family = [crowded, Case("child", asked(0.5), "crowded"), Case("other", asked(0.7))]
    found = by_name(list(run_cases(family, tmp_path / "later", start=first.folder)))
    assert found["crowded"].status == "infeasible"
    start = read_start(first.folder, "homecare").record
    assert found["child"].record["start"] == found["other"].record["start"] == start
    assert of_case(found["child"], "allocate").start_folder == str(first.folder)


def test_children_have_their_turn_next(tmp_path: Path) -> None:
    """What was begun is finished before more is; nothing is begun once the time is over."""
    last = Case("last", asked(0.8), "root")
    done = [item.case.name for item in run_cases([*FAMILY, last], tmp_path)]
    assert done.index("grandchild") < done.index("last")
    late = list(run_cases([*FAMILY, Case("new", asked(0.75))], tmp_path, ends=0.0))
    assert sorted(item.status for item in late) == [NOT_RUN, *["optimal"] * 4]


def test_one_that_raises_leaves_the_others(tmp_path: Path) -> None:
    """A case with a fault says so; the rest are answered, and its children start cold."""
    wrong = asked(change=[{"table": "packages", "where": {"package_id": "none"}, "drop": True}])
    family = [Case("wrong", wrong), Case("child", asked(0.5), "wrong"), Case("fine", asked())]
    found = by_name(list(run_cases(family, tmp_path, cores=2)))
    assert found["wrong"].status == FAILED
    assert "matches no row of packages" in found["wrong"].problem
    assert (found["child"].status, found["child"].start) == ("optimal", "")
    assert found["fine"].status == "optimal"


def test_anything_raised_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a mistake in the program ends one case only."""
    answer = task.answer

    def now_and_then(question: Question, **rest: Any) -> Result:
        if question is FAMILY[1].question:
            raise ZeroDivisionError("division by zero")
        return answer(question, **rest)

    monkeypatch.setattr(task, "answer", now_and_then)
    found = by_name(list(run_cases(FAMILY, tmp_path)))
    assert found["child"].problem == "ZeroDivisionError: division by zero"
    assert found["grandchild"].start == "root"


def test_killed_process_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker killed in the middle of a case costs that case a second try, and nothing else."""
    killed: list[int] = []
    ask = Worker.ask

    def killing(self: Worker, *rest: Any) -> Any:
        if self.module == crew.MODULE and not killed:
            killed.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
        return ask(self, *rest)

    monkeypatch.setattr(Worker, "ask", killing)
    done = list(run_cases(FAMILY, tmp_path, cores=2))
    assert killed
    assert [item.status for item in done] == ["optimal"] * 4


def test_process_killed_again_and_again_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case whose every worker is killed says so."""
    ask = Worker.ask

    def killing(self: Worker, *rest: Any) -> Any:
        self._process.kill()
        return ask(self, *rest)

    monkeypatch.setattr(Worker, "ask", killing)
    (done,) = run_cases(FAMILY[:1], tmp_path, cores=2)
    assert (done.status, done.problem) == (FAILED, crew.KILLED)


def test_full_disk_fails_one_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is told and leaves nothing half-written; the next run mends it."""
    fill = Result._fill
    full = [True, False]

    def filled(self: Result, folder: Path) -> None:
        fill(self, folder)
        if full.pop(0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Result, "_fill", filled)
    found = by_name(list(run_cases([FAMILY[0], Case("other", asked(0.7))], tmp_path)))
    assert found["root"].status == FAILED
    assert os.strerror(errno.ENOSPC) in found["root"].problem
    assert found["other"].status == "optimal"
    assert len(list((tmp_path / "cases").iterdir())) == 1
    monkeypatch.undo()
    assert next(run_cases(FAMILY[:1], tmp_path)).status == "optimal"


def test_two_studies_in_one_folder_are_refused(tmp_path: Path) -> None:
    """The second is told at once, and the first goes on."""
    with locked(tmp_path), pytest.raises(BadInput, match="another process is writing"):
        list(run_cases(FAMILY, tmp_path))
    assert next(run_cases(FAMILY[:1], tmp_path)).status == "optimal"


PARENT = """
from pathlib import Path
import sys
sys.path[:0] = {path}
from helpers.studies import FAMILY
from allocate.study.running import run_cases
if __name__ == "__main__":
    for done in run_cases(FAMILY, Path({folder!r}), cores=2):
        print(done.case.name, flush=True)
        if done.case.name == "child":
            import time; time.sleep(60)
"""


@pytest.mark.slow
def test_parent_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """A study whose own process is killed keeps what it had, and its folder is free at once."""
    code = PARENT.format(path=[str(TESTS)], folder=str(tmp_path / "study"))
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    printed = []
    for line in parent.stdout:
        printed.append(line.strip())
        if "child" in printed:
            break
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    unfinished = tmp_path / "study" / "cases" / ".allocate-left"
    unfinished.mkdir()
    done = list(run_cases(FAMILY, tmp_path / "study"))
    assert {item.case.name for item in done if item.stored} >= {"root", "child"}
    assert not unfinished.exists()
    list(run_cases(FAMILY, tmp_path / "whole"))
    assert texts(tmp_path / "study") == texts(tmp_path / "whole")


def test_stopped_study_keeps_what_it_has(tmp_path: Path) -> None:
    """Cases that had not ended when a person stopped the study are not run, and not stored."""
    watch = Watch()
    done = []
    for item in run_cases(FAMILY, tmp_path, watch=watch):
        done.append(item)
        watch.stop = True
    assert [item.status for item in done] == ["optimal", *[NOT_RUN] * 3]
    assert len(list((tmp_path / "cases").iterdir())) == 1


@pytest.mark.parametrize(
    ("cases", "problem"),
    [
        ([FAMILY[0], FAMILY[0]], "is the name of two cases"),
        ([Case("a", asked(), "rot"), FAMILY[0]], r'no such case \(closest: "root"\)'),
        ([Case("a", asked(), "b"), Case("b", asked(), "a")], "starts from itself"),
    ],
)
def test_lists_that_make_no_sense(tmp_path: Path, cases: list[Case], problem: str) -> None:
    """Names that stand twice, parents that are none, and circles are refused before anything."""
    with pytest.raises(BadInput, match=problem):
        next(run_cases(cases, tmp_path))
    assert not (tmp_path / "cases").exists()
