"""What a bound rests on is written down, and whoever reads it can prove the bound again."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.asked import prepare
from allocate.errors import BadInput
from allocate.homecare.formulation import formulate
from allocate.homecare.instance import Instance
from allocate.homecare.least import least_at
from allocate.price_list import PriceList
from allocate.result import Result
from allocate.solving import solve
from allocate.study.scenario import LevelWords
from benchmarks.homecare.written import write_generated
from helpers import brute, tiny
from helpers.cases import CommandLine
from helpers.compiled import have_loops_compiled
from helpers.duals import relaxed
from helpers.tiny import examples, tiny_question

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """A borough of 300 people answered by our own engine, and its folder."""
    have_loops_compiled()
    folder = tmp_path_factory.mktemp("answer")
    question = write_generated("borough-300", 1, folder / "case")
    result = solve(question, method="allocate", seconds=2.5)
    return result, result.write(folder / "result")


def certificate(folder: Path) -> dict[str, Any]:
    """The only level of an answer's certificate."""
    (level,) = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))["levels"]
    return dict(level)


def tampered(folder: Path, out: Path, change: Change) -> Path:
    """Copy an answer and change its certificate."""
    shutil.copytree(folder, out)
    path = out / "certificate.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    change(whole["levels"][0])
    path.write_text(json.dumps(whole), encoding="utf-8")
    return out


def test_a_borough_is_proven_by_its_prices(answer: tuple[Result, Path]) -> None:
    """The bound of our own engine stands on prices alone, far above what arithmetic proves."""
    result, folder = answer
    (level,), told = result.levels, certificate(folder)
    assert (level.proof, told["proof"]) == ("prices", "prices")
    assert {"within_capacity", "lead_accepts_share"} <= set(told["prices"])
    asked = prepare(folder / "borough-300.toml")
    assert level.bound is not None
    arithmetic = least_at(asked.instance, asked.question.levels[0], PriceList())
    assert arithmetic is not None
    assert arithmetic < level.bound <= level.proven <= level.objective


def test_bounds_are_proven_again_from_the_folder(
    allocate: CommandLine, answer: tuple[Result, Path]
) -> None:
    """The command line needs the folder alone."""
    run = allocate("check", answer[1], "--bounds")
    assert run.code == 0
    assert "is proven again, by prices" in run.out


def lower_one(level: dict[str, Any]) -> None:
    """Halve the largest price of a minute."""
    row = max(level["prices"]["within_capacity"], key=lambda row: row[-1])
    row[-1] //= 2


def make_negative(level: dict[str, Any]) -> None:
    """Turn the sign of a price."""
    level["prices"]["within_capacity"][0][-1] *= -1


def price_nobody(level: dict[str, Any]) -> None:
    """Put a price on a provider that there is not."""
    level["prices"]["within_capacity"].append(["nobody", 1])


@pytest.mark.parametrize(
    ("change", "found"),
    [(lower_one, "NOT PROVEN"), (make_negative, "nothing"), (price_nobody, "nothing")],
)
def test_a_changed_price_is_found_out(
    allocate: CommandLine,
    answer: tuple[Result, Path],
    tmp_path: Path,
    change: Change,
    found: str,
) -> None:
    """A price that proves less, or nothing, does not pass for a proof."""
    run = allocate("check", tampered(answer[1], tmp_path / "answer", change), "--bounds")
    assert run.code == 1
    assert found in run.out


def claim_more(level: dict[str, Any]) -> None:
    """Raise the bound in the certificate, but not in the result."""
    level["bound"] += 1


def lose_scale(level: dict[str, Any]) -> None:
    """Leave out what prices are divided by."""
    del level["scale"]


@pytest.mark.parametrize("change", [claim_more, lose_scale])
def test_a_certificate_of_something_else_is_refused(
    allocate: CommandLine, answer: tuple[Result, Path], tmp_path: Path, change: Change
) -> None:
    """It has to be about the bound that the result gives, and readable."""
    run = allocate("check", tampered(answer[1], tmp_path / "answer", change), "--bounds")
    assert run.code == 2
    assert "certificate.json" in run.err


def test_general_solvers_give_their_word(allocate: CommandLine, tmp_path: Path) -> None:
    """Each level says what is proven without the solver, and that checks out."""
    result = solve("models/homecare/example", gap=0, seconds=30)
    folder = result.write(tmp_path / "result")
    assert {level.proof for level in result.levels} == {"arithmetic", "solver's word"}
    assert all(level.proven <= level.objective for level in result.levels)
    run = allocate("check", folder, "--bounds")
    assert run.code == 0
    assert "is the solver's word" in run.out
    assert "is proven again, by arithmetic" in run.out


def best(instance: Instance, levels: list[LevelWords]) -> Fraction | None:
    """Value of the first level in the best plan; None where there is no plan."""
    found = brute.best_plan(instance, levels)
    return None if found is None else found.levels[0]


@given(SEEDS)
@examples(30)
def test_a_bound_is_lifted_no_further_than_the_best_plan(seed: int) -> None:
    """Relaxations prove parts of a step; the step above is no higher than any plan."""
    weights = {"waiting": 30.0, "shortfalls": 7.5, "changes": 0.05, "cash": 0.001, "rounds": 3.0}
    words = LevelWords(name="sum", terms=weights)
    with tempfile.TemporaryDirectory() as folder:
        instance = tiny_question(seed, Path(folder)).instance
    reached, relaxation = best(instance, [words]), relaxed(formulate(instance, [words]))
    if reached is None or relaxation is None:
        return
    prices = PriceList(relaxation.prices.scale, relaxation.prices.rows)
    found = least_at(instance, words, prices)
    assert found is not None
    assert found <= reached


def for_the_engine(seed: int, folder: Path) -> Path:
    """A tiny question of one level, in which few rules bind but those that the engine prices."""
    case = tiny.generate(seed)
    off = ("lead_first", "step_in", "viable_round", "leads_limit", "household_together")
    case.scenario["rules"] |= {rule: {"mode": "off"} for rule in off}
    case.scenario["rules"] |= {
        "leads_per_area": {"mode": "hard"},
        "within_capacity": {"mode": "hard"},
        "lead_accepts_share": {"mode": "soft", "value": 0.9, "price": 333.333},
    }
    weights = {"cash": 1, "waiting": 3000, "shortfalls": 1, "changes": 30.25}
    case.scenario["objective"] = {"priced": weights, "allow_waiting_to_save": True}
    for row in case.tables["areas"]:
        row["lead_id"] = row["lead_id"].split(";")[0]
    return case.write(folder)


def test_whatever_the_engine_proves_no_plan_is_cheaper(tmp_path: Path) -> None:
    """Tiny cases against every plan: what is proven by prices, and what is not."""
    kinds = []
    for seed in range(40):
        path = for_the_engine(seed, tmp_path / str(seed))
        try:
            asked = prepare(path)
        except BadInput:
            continue  # pins that contradict each other
        reached = best(asked.instance, asked.question.levels)
        if reached is None:
            continue
        (level,) = solve(path, method="allocate", seconds=5).levels
        assert level.bound is not None
        assert max(level.bound, level.proven) <= reached, seed
        assert level.proof == "solver's word" or level.proven >= level.bound
        kinds.append(level.proof)
    assert kinds.count("prices") >= 3
    assert "solver's word" in kinds
