"""A sweep on a Dask cluster: the same answers as on local processes, whoever is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from allocate.errors import BadInput
from allocate.study.axis import read_axis
from allocate.study.case import made_with
from allocate.study.crew import GONE, crew
from allocate.study.running import run_cases
from allocate.study.sweep import sweep
from allocate.study.task import Failure, Task, run
from allocate.tables import read
from helpers.cases import OK_SMALL
from helpers.studies import FAMILY, texts

AXES = [read_axis("rules.lead_accepts_share.value = 0.5..0.9 step 0.1")]
FILES = ("table.csv", "table.parquet", "columns.csv", "summary.txt")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as local:
        yield local.scheduler_address


@pytest.mark.slow
def test_cluster_gives_the_table_of_local_processes(cluster: str, tmp_path: Path) -> None:
    """The tables are the same, byte for byte."""
    sweep([str(OK_SMALL)], AXES, tmp_path / "local", cores=2)
    sweep([str(OK_SMALL)], AXES, tmp_path / "cluster", cluster=cluster)
    for name in FILES:
        assert (tmp_path / "local" / name).read_bytes() == (
            tmp_path / "cluster" / name
        ).read_bytes()


@pytest.mark.slow
def test_killed_worker_of_a_cluster_costs_nothing(cluster: str, tmp_path: Path) -> None:
    """The case of a Dask worker that is killed is solved by another."""
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        pids = client.run(os.getpid)
    done = []
    for item in run_cases(FAMILY, tmp_path / "killed", cluster=cluster):
        done.append(item)
        if len(done) == 2:  # a child has ended, and the other is on its way
            os.kill(next(iter(pids.values())), signal.SIGKILL)
    assert [item.status for item in done] == ["optimal"] * len(FAMILY)
    list(run_cases(FAMILY, tmp_path / "whole"))
    assert texts(tmp_path / "killed") == texts(tmp_path / "whole")


@pytest.mark.slow
def test_cluster_that_goes_away(tmp_path: Path) -> None:
    """Cases that a cluster took along are told, and the same study goes on elsewhere."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as local:
        done = []
        for item in run_cases(FAMILY, tmp_path, cluster=local.scheduler_address):
            done.append(item)
            if len(done) == 1:
                local.close()
    assert [item.status for item in done] == ["optimal", *["failed"] * 3]
    assert {item.problem for item in done[1:]} == {GONE}
    again = list(run_cases(FAMILY, tmp_path))
    assert [item.stored for item in again] == [True, False, False, False]


def test_cluster_that_is_not_there() -> None:
    """An address where nobody listens is told in one line."""
    pytest.importorskip("distributed")
    refused = pytest.raises(BadInput, match="--cluster")
    with refused, crew(1, "no address at all", lambda: False):
        pass


def test_machine_with_other_versions_is_refused() -> None:
    """An answer is made with what its hash says, or not at all."""
    task = Task(FAMILY[0].question, read(OK_SMALL), "allocate")
    found = run(replace(task, made_with={**made_with(), "numpy": "0.1", "program": "x"}))
    assert found == Failure("Whoever was to solve it has other versions: numpy, program")
