"""An installed wheel works in any folder: models, scenarios and cases travel in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_installed_wheel_answers_outside_the_repository(tmp_path: Path) -> None:
    """A wheel installed elsewhere reads its own cards and cases, and answers."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    wheels, site, work = tmp_path / "wheels", tmp_path / "site", tmp_path / "work"
    work.mkdir()
    subprocess.run([*pip, "wheel", str(ROOT), "--no-deps", "-w", str(wheels)], check=True)
    wheel = next(wheels.glob("*.whl"))
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    environment = dict(os.environ, PYTHONPATH=str(site))

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "allocate.cli", *arguments],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    where = subprocess.run(
        [sys.executable, "-c", "from allocate.card import shipped; print(shipped('models'))"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert where.startswith(str(site))
    assert "19,154 carer-hours" in run("check", "sefton")
    answer = run("solve", "leads_hand_back", "--seconds", "20", "--gap", "0.5", "--out", "result")
    assert "Who leads each area" in answer
    assert (work / "result" / "allocation.csv").is_file()
