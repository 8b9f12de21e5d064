"""Solvers run in a process of their own, which streams what it finds and can be told to stop.

highspy and ortools cannot be loaded into one process, and a signal must never reach a solver's own
handler: so each worker is a fresh interpreter that loads one of them, ignores Ctrl-C and listens
for the word ``stop``.
"""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import IO, Any

import numpy as np

from allocate.core.outcome import Answer, Problem
from allocate.core.two_stage_outcome import TwoStageProblem
from allocate.errors import SolverFailed

Found = Callable[[float | None, float | None], None]


class Worker:
    """A solver process.

    Parameters
    ----------
    module
        Module with ``solve(problem, report, stopped) -> Answer``, such as ``allocate.core.highs``.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "allocate.core.worker", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._messages: queue.Queue[tuple[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        """Move messages into a queue, so that Ctrl-C never cuts one in two."""
        try:
            while True:
                self._messages.put(pickle.load(self._process.stdout))  # type: ignore[arg-type]
        except (EOFError, OSError, pickle.UnpicklingError, ValueError):
            self._messages.put(("gone", None))

    def solve(
        self, problem: Problem | TwoStageProblem, found: Found, stop: Callable[[], bool]
    ) -> Answer:
        """Solve one problem.

        Parameters
        ----------
        problem
            What to solve.
        found
            Called with (best, bound) whenever either improves.
        stop
            Asked again and again; once it says True the solver ends with its best plan.

        Raises
        ------
        SolverFailed
            Where the solver broke down or could not be loaded.
        """
        best: Any = None

        def told(message: tuple[Any, float | None, float | None]) -> None:
            nonlocal best
            values, objective, bound = message
            best = best if values is None else values
            found(objective, bound)

        answer: Answer = self.ask(problem, told, stop)
        if answer.values is None and best is not None:
            return Answer(best, answer.bound, answer.why)
        return answer

    def ask(self, task: Any, told: Callable[[Any], None], stop: Callable[[], bool]) -> Any:
        """Hand over one task of whatever kind the module takes, and wait for its answer.

        Parameters
        ----------
        task
            What the module's ``solve`` is called with.
        told
            Called with each report on the way.
        stop
            As in ``solve``.

        Raises
        ------
        SolverFailed
            As in ``solve``.
        """
        self._send(("solve", task))
        asked = False
        while True:
            if stop() and not asked:
                self._send(("stop", None))
                asked = True
            try:
                what, message = self._messages.get(timeout=0.05)
            except queue.Empty:
                continue
            if what == "found":
                told(message)
            elif what == "answer":
                return message
            else:
                reason = message or f"the worker of {self.module} ended without an answer"
                raise SolverFailed(f"{reason}. Try another solver with --method.")

    def expect(self) -> None:
        """Say that a problem is to come: a module that has a ``ready`` runs it."""
        self._send(("expect", None))

    def _send(self, message: tuple[str, Any]) -> None:
        stream: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        try:
            pickle.dump(message, stream)
            stream.flush()
        except (BrokenPipeError, OSError):
            self._messages.put(("gone", None))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


_idle: dict[str, list[Worker]] = {}


@contextmanager
def borrowed(module: str) -> Iterator[Worker]:
    """Borrow a warm worker, or start one; it is given back unless something went wrong.

    Parameters
    ----------
    module
        Solver module that the worker loads.
    """
    idle = _idle.setdefault(module, [])
    worker = idle.pop() if idle else Worker(module)
    try:
        yield worker
    except BaseException:
        worker.close()
        raise
    idle.append(worker)


def warm(module: str, count: int) -> None:
    """Start workers that will be borrowed soon, so that they load while other work is done."""
    idle = _idle.setdefault(module, [])
    idle += [Worker(module) for _ in range(count - len(idle))]


def expect(module: str) -> None:
    """Have a warm worker make ready for the engine's own kind of problem."""
    idle = _idle.get(module)
    if idle:
        idle[-1].expect()


@atexit.register
def _close_all() -> None:
    for workers in _idle.values():
        for worker in workers:
            worker.close()


def serve(module: str) -> None:
    """Answer problems until the other side goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a solver prints must not mix with what it answers
    problems: queue.Queue[Problem | TwoStageProblem | None] = queue.Queue()  # None: one is to come
    stopped = threading.Event()

    def listen() -> None:
        try:
            while True:
                what, message = pickle.load(sys.stdin.buffer)
                if what == "stop":
                    stopped.set()
                elif what == "expect":
                    problems.put(None)
                else:
                    stopped.clear()  # here, where messages keep their order
                    problems.put(message)
        except BaseException:  # whatever ends the conversation ends the process
            os._exit(0)

    def reply(what: str, message: Any) -> None:
        pickle.dump((what, message), replies)
        replies.flush()

    def report(values: Any, objective: float | None, bound: float | None) -> None:
        whole = None if values is None else np.rint(values).astype(np.int64)
        reply("found", (whole, objective, bound))

    threading.Thread(target=listen, daemon=True).start()
    with suppress(Exception):  # told with the first problem, to somebody who listens
        import_module(module)
    while True:
        problem = problems.get()
        if problem is None:
            with suppress(Exception):
                getattr(import_module(module), "ready", lambda: None)()
            continue
        try:
            solve = import_module(module).solve
            reply("answer", solve(problem, report, stopped.is_set))
        except Exception as error:  # whatever a solver raises is told to the other side
            reply("failed", f"{module.rpartition('.')[2]} failed: {error}")


if __name__ == "__main__":
    serve(sys.argv[1])
