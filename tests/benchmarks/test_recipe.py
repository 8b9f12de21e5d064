"""Generated boroughs and regions: the same every time, of the shape told, and feasible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.asked import prepare
from allocate.homecare.pairs import list_pairs, listed_pairs
from benchmarks.homecare.families import SIZES
from benchmarks.homecare.recipe import AREAS, PLACES, SPARE, Shape, apportion, make
from benchmarks.homecare.written import write_generated

shapes = st.builds(
    lambda authorities, packages, providers, across: Shape(
        authorities, authorities * packages, authorities * providers, across
    ),
    st.integers(1, 4),
    st.integers(150, 400),
    st.integers(AREAS, 20),
    st.sampled_from((0.0, 0.4)),
)


def written(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """A case is made again to the byte from its name and seed, and another seed makes another."""
    for folder, seed in (("one", 3), ("again", 3), ("other", 4)):
        write_generated("borough-300", seed, tmp_path / folder)
    assert written(tmp_path / "one") == written(tmp_path / "again")
    other = written(tmp_path / "other")
    assert all(
        other[f"borough-300-case/{table}.csv"] != data
        for table in ("packages", "providers", "reach", "rates")
        for data in [written(tmp_path / "one")[f"borough-300-case/{table}.csv"]]
    )


def test_the_borough_has_the_shape_of_sefton() -> None:
    """The borough has Sefton's counts, its waiting list, and its mean of twelve hours."""
    made = make(SIZES["borough"]["borough"], 1)
    assert (len(made.place), len(made.capacity), len(made.lead)) == (1715, 38, 6)
    assert int(made.waiting.sum()) == 130
    assert 11 < made.demand.mean() / 4 < 13
    assert int(made.can_lead.sum()) == 10
    reachable = np.bincount(made.reach_place, minlength=len(made.place_area))[made.place]
    assert 20 < reachable.mean() < 23


@pytest.mark.parametrize("name", [name for sizes in SIZES.values() for name in sizes])
def test_shapes_are_what_they_are_called(name: str) -> None:
    """Sizes shrink every count of a family alike: no case has over 60 packages a provider."""
    family = next(family for family, sizes in SIZES.items() if name in sizes)
    shape, largest = SIZES[family][name], SIZES[family][family]
    assert shape.packages / shape.providers == pytest.approx(
        largest.packages / largest.providers, rel=0.35
    )
    assert shape.across == largest.across
    assert (shape.authorities > 1) == (family in ("region", "england"))


@given(shapes, st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_capacity_is_two_hundredths_above_demand(shape: Shape, seed: int) -> None:
    """Whatever the shape, all providers together have 2% more than all packages ask for."""
    made = make(shape, seed)
    total = int(made.demand.sum())
    assert int(made.capacity.sum()) == total + round(SPARE * total)


@given(shapes, st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_the_witness_keeps_reach_capacity_and_rounds(shape: Shape, seed: int) -> None:
    """The witness stays within reach and capacity, and leaves no round of below 30 hours."""
    made = make(shape, seed)
    load = np.bincount(made.witness, weights=made.demand, minlength=shape.providers)
    assert np.all(load <= made.capacity)
    reach = set(zip(made.reach_provider.tolist(), made.reach_place.tolist(), strict=True))
    assert reach >= set(zip(made.witness.tolist(), made.place.tolist(), strict=True))
    area = made.place_area[made.place]
    _, rounds = np.unique(made.witness * len(made.lead) + area, return_inverse=True)
    assert np.bincount(rounds, weights=made.demand).min() >= 30 * 4
    assert np.all(made.witness[made.waiting] == made.lead[area[made.waiting]])


def test_some_providers_of_a_region_work_across_borders() -> None:
    """In a region about two in five providers reach places of a neighbour; in one borough none."""
    made = make(SIZES["region"]["region"], 1)
    home = np.repeat(np.arange(6), np.diff(230 * np.arange(7) // 6))
    outside = made.reach_place // PLACES != home[made.reach_provider]
    crossing = len(np.unique(made.reach_provider[outside])) / made.shape.providers
    assert 0.2 < crossing < 0.5


@pytest.mark.parametrize("name", ["borough-300", "borough-full-300", "borough-full", "region-2"])
def test_the_review_confirms_the_witness(name: str, tmp_path: Path) -> None:
    """The review finds no fault with the witness: every hard rule of the question is kept."""
    asked = prepare(write_generated(name, 1, tmp_path / name))
    tables = {
        table: pd.read_csv(tmp_path / name / "witness" / f"{table}.csv", dtype=str)
        for table in ("allocation", "leads")
    }
    plan = asked.model.read_plan(asked.instance, tables, "witness")
    review = asked.model.review(asked.instance, plan, asked.question.levels)
    assert review.faults == ()
    assert review.rules["lead_accepts_share"].short_by == 0
    assert review.terms["waiting"] == 0
    hard = {rule for rule, setting in asked.question.rules.items() if setting.mode == "hard"}
    assert ({"viable_round", "share_limit", "lead_accepts_share"} <= hard) == ("full" in name)


def test_every_package_of_a_generated_case_may_move(tmp_path: Path) -> None:
    """Nobody is bound to the present provider: all that reach the place may have the package."""
    instance = prepare(write_generated("borough-300", 1, tmp_path / "one")).instance
    package, provider = listed_pairs(instance)
    pairs = list_pairs(instance, package, provider)
    reached = instance.reach[:, instance.packages.place].T
    assert len(pairs.package) == reached.sum()


@given(st.integers(0, 10**6), st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_apportioning_loses_nothing(total: int, weights: list[float]) -> None:
    """Parts add up to the whole, and none is a whole step away from its exact share."""
    exact = total * np.array(weights) / sum(weights)
    parts = apportion(total, np.array(weights))
    assert parts.sum() == total
    assert np.all(np.abs(parts - exact) < 1 + 1e-6)
