"""Who solves the cases of a study: this process, several on this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from allocate.core.worker import borrowed
from allocate.errors import BadInput, Fault, SolverFailed
from allocate.result import Result
from allocate.study.task import TRIES, Failure, Task, run

MODULE = "allocate.study.task"
MANY = 1_000  # cases that a cluster holds at once
PATIENCE = 10  # seconds to wait for a scheduler
KILLED = "Its process ended twice without an answer: it was killed, or ran out of memory"
GONE = "The cluster went away before it was solved"


@dataclass(frozen=True)
class Crew:
    """Whoever solves cases.

    Parameters
    ----------
    submit
        Has a case solved and returns its future.
    room
        Cases to hand over at once: enough that nobody waits, and no more are held in memory.
    lost
        Whether they have gone for good: what was submitted never ends then.
    """

    submit: Callable[[Task], Future[Result | Failure]]
    room: int
    lost: Callable[[], bool] = lambda: False


@contextmanager
def crew(cores: int, cluster: str | None, stopped: Callable[[], bool]) -> Iterator[Crew]:
    """Lend those who solve the cases of a study.

    Parameters
    ----------
    cores
        Processes on this machine; with one, cases are solved in this process.
    cluster
        Address of a Dask scheduler in place of them.
    stopped
        Asked again and again; once it says True, cases end as soon as they can.

    Raises
    ------
    BadInput
        Where there is no such cluster, or its package is not installed.
    """
    if cluster is not None:
        with _dask(cluster) as lent:
            yield lent
        return
    here = run if cores == 1 else _elsewhere
    with ThreadPoolExecutor(cores) as threads:
        try:
            yield Crew(lambda task: threads.submit(here, task, stopped), cores + 1)
        finally:
            threads.shutdown(cancel_futures=True)


def _elsewhere(task: Task, stopped: Callable[[], bool]) -> Result | Failure:
    """Have a case solved in a process of its own, and again if that one is killed."""
    for _ in range(TRIES):
        try:
            with borrowed(MODULE) as worker:
                answer: Result | Failure = worker.ask(task, lambda _: None, stopped)
                return answer
        except SolverFailed:
            if stopped():
                break
    return Failure(KILLED)


@contextmanager
def _dask(address: str) -> Iterator[Crew]:
    """Lend the workers of a Dask scheduler."""
    try:
        from distributed import Client
    except ImportError as error:
        problem, remedy = "needs a package that is not installed", "pip install 'allocate[cluster]'"
        raise BadInput("the command line", [Fault("--cluster", "", problem, remedy)]) from error
    try:
        client = Client(address, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        problem, remedy = f"cannot be reached: {error}", "Start it with `dask scheduler`"
        fault = Fault("--cluster", f'"{address}"', problem, remedy)
        raise BadInput("the command line", [fault]) from error
    with client:
        executor = client.get_executor(pure=False)
        # A client whose scheduler is gone tries for a while, and closes then.
        yield Crew(lambda task: executor.submit(run, task), MANY, lambda: client.status == "closed")
