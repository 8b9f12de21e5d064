"""Cases of a study run: each from its parent, each stored as it ends, none of them twice.

A case is known by the hash of all that its answer depends on, the files of the answer that it
starts from included. So who solved it, how many did at once and what was there before make no
difference to what is found under that hash.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path

from allocate import registry
from allocate.core.outcome import Watch
from allocate.errors import AllocateError, BadInput
from allocate.files.lock import locked
from allocate.result import Result
from allocate.start import Start, start_of_any
from allocate.study.case import FAILED, NOT_RUN, Case, Done, check_cases, key_of
from allocate.study.crew import GONE, Crew, crew
from allocate.study.store import Store
from allocate.study.task import Failure, Task
from allocate.tables import Tables, read

LISTEN = 0.2  # seconds between two looks at whether a person wants to stop


def run_cases(
    cases: Sequence[Case],
    folder: Path,
    *,
    cores: int = 1,
    cluster: str | None = None,
    method: str = "allocate",
    start: Path | None = None,
    watch: Watch | None = None,
    ends: float = inf,
) -> Iterator[Done]:
    """Answer all cases of a study, and yield each as it ends.

    Parameters
    ----------
    cases
        What is asked. A case waits for its parent; apart from that the order does not matter.
    folder
        Where answers are kept, each under ``cases`` and the hash of its inputs. What stands there
        already is not solved again. No other process may run a study in it at the same time.
    cores
        Cases solved at once, each in a process of its own; with one, in this process.
    cluster
        Address of a Dask scheduler, in place of processes of this machine.
    method
        Name of the engine.
    start
        Result folder of an answer at hand, from which cases start that have nobody above them with
        a plan.
    watch
        The wish to stop in: cases that have not ended by then are not run.
    ends
        When no further case is begun, by the monotonic clock; what is stored is read all the same.

    Raises
    ------
    BadInput
        For a list that cannot be understood, a folder in use or not to be written, or an unknown
        method or cluster; what is wrong with a single case is told of that case.
    """
    watch = watch or Watch()
    registry.method_module(method)
    check_cases(cases)
    store = Store(folder)
    with locked(folder), crew(cores, cluster, lambda: watch.stop) as lent:
        store.clear()
        yield from _Study(cases, store, method, start, watch, ends, lent).run()


@dataclass
class _Study:
    """Cases on their way.

    Parameters
    ----------
    cases, store, method, start, watch, ends, crew
        What is asked, where answers are kept, how, from where and until when they are found.
    bases
        Cases as read, by where they stand and the model; or what is wrong with them.
    givers
        Who lends a start to the children of each case that has ended: itself where it has a plan,
        else who lent one to it.
    starts
        What the last giver leaves, by its folder.
    running
        What is known of each case that is being solved, by its future.
    twins
        By key of those, cases that ask the very same.
    """

    cases: Sequence[Case]
    store: Store
    method: str
    start: Path | None
    watch: Watch
    ends: float
    crew: Crew
    bases: dict[tuple[Path, str], Tables | AllocateError] = field(default_factory=dict)
    givers: dict[str, Done | None] = field(default_factory=dict)
    starts: dict[Path, Start | None] = field(default_factory=dict)
    running: dict[Future[Result | Failure], Done] = field(default_factory=dict)
    twins: dict[str, list[Done]] = field(default_factory=dict)

    def run(self) -> Iterator[Done]:
        """Yield each case as it ends."""
        children: dict[str, list[Case]] = {}
        for case in self.cases:
            children.setdefault(case.parent, []).append(case)
        ready = deque(children.get("", ()))
        while ready or self.running:
            if ready and len(self.running) < self.crew.room:
                begun = self._begin(ready.popleft())
                ended = [] if begun is None else [begun]
            else:
                ended = self._ended()
            for done in ended:
                yield done
                self.givers[done.case.name] = self._giver(done)
                # Next, so that what was begun is finished where the time runs out.
                ready.extendleft(reversed(children.get(done.case.name, ())))

    def _giver(self, done: Done) -> Done | None:
        """Return who lends a start to the children of a case."""
        return done if done.has_plan else self.givers.get(done.case.parent)

    def _begin(self, case: Case) -> Done | None:
        """Have a case solved; return it where it needs no solving or cannot be."""
        begun = Done(case, "", FAILED)
        if self.watch.stop:
            return replace(begun, status=NOT_RUN)
        giver = self.givers.get(case.parent)
        folder = self.start if giver is None else giver.folder
        try:
            base = self._base(case)
            start = None if folder is None else self._left_by(folder, case.question.model)
        except AllocateError as error:
            return replace(begun, problem=str(error))
        key = key_of(case.question, base, self.method, start)
        begun = replace(begun, key=key)
        if start is not None:
            name = "" if giver is None else giver.case.name
            begun = replace(begun, start=name, start_folder=folder)
        if (record := self.store.record(key)) is not None:
            status, path = str(record["status"]), self.store.path(key)
            return replace(begun, status=status, folder=path, record=record, stored=True)
        if key in self.twins:
            self.twins[key].append(begun)
            return None
        if self.crew.lost():
            return replace(begun, problem=GONE)
        if time.monotonic() >= self.ends:
            return replace(begun, status=NOT_RUN)
        self.running[self.crew.submit(Task(case.question, base, self.method, start))] = begun
        self.twins[key] = []
        return None

    def _base(self, case: Case) -> Tables:
        """Read the case of a question, once however many ask of it."""
        place = case.question.case, case.question.model
        if place not in self.bases:
            try:
                self.bases[place] = read(*place)
            except AllocateError as error:
                self.bases[place] = error
        base = self.bases[place]
        if isinstance(base, AllocateError):
            raise base
        return base

    def _left_by(self, folder: Path, model: str) -> Start | None:
        """Read what an answer leaves to others; they mostly have their turn together."""
        if folder not in self.starts:
            self.starts = {folder: start_of_any(folder, model)}
        return self.starts[folder]

    def _ended(self) -> list[Done]:
        """Wait for a case to end, or for the wish to stop."""
        finished: set[Future[Result | Failure]] = set()
        while not finished:
            finished, _ = wait(self.running, timeout=LISTEN, return_when=FIRST_COMPLETED)
            if self.watch.stop:
                for future in self.running:
                    future.cancel()
            if self.crew.lost():
                finished = set(self.running)
        ended = [self._store(future, self.running.pop(future)) for future in finished]
        for done in tuple(ended):
            stored = done.folder is not None
            ended += [
                replace(done, case=twin.case, start=twin.start, stored=stored)
                for twin in self.twins.pop(done.key)
            ]
        return ended

    def _store(self, future: Future[Result | Failure], begun: Done) -> Done:
        """Keep an answer; one that a person cut short is none."""
        if self.watch.stop:
            return replace(begun, status=NOT_RUN)
        if not future.done():
            return replace(begun, problem=GONE)
        try:
            found = future.result()
        except CancelledError:
            return replace(begun, problem=GONE)
        except Exception as error:  # such as a case that no process of a cluster survived
            return replace(begun, problem=f"{type(error).__name__}: {error}")
        if isinstance(found, Failure):
            return replace(begun, problem=found.problem)
        try:
            record = self.store.write(begun.key, found)
        except (BadInput, OSError) as unwritten:
            return replace(begun, problem=str(unwritten))
        folder = self.store.path(begun.key)
        return replace(begun, status=found.status, folder=folder, record=record)
