"""Public instances of districting: read, solved, recounted and written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.core.pursuit import Pursuit
from allocate.errors import BadInput, ReviewFailed
from allocate.public import districting
from allocate.public.districting import districts_of, read_graph, solve_file
from allocate.public.geodesic import miles
from helpers.cases import CommandLine

SHARED = Path(__file__).parents[2] / "../shared/bench/districting"

# A ring of four counties a degree apart, with 3, 1, 1 and 3 people.
PEOPLE, PLACES = (3, 1, 1, 3), ((0, 0), (0, 1), (1, 1), (1, 0))


def ring() -> dict[str, Any]:
    """The ring as networkx writes it."""
    return {
        "directed": False,
        "nodes": [
            {"id": i, "TOTPOP": people, "C_Y": f"+{y}", "C_X": f"-{x}"}
            for i, (people, (y, x)) in enumerate(zip(PEOPLE, PLACES, strict=True))
        ],
        "adjacency": [[{"id": (i + 1) % 4}, {"id": (i + 3) % 4}] for i in range(4)],
    }


def written(folder: Path, held: Any) -> Path:
    """A graph as a file."""
    path = folder / "ring.json"
    path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return path


def test_a_file_is_solved_and_written(allocate: CommandLine, tmp_path: Path) -> None:
    """Halves of four people: the heavy counties part, and each takes the light one it touches."""
    out = tmp_path / "out.json"
    run = allocate(
        *("bench", "file", written(tmp_path, ring()), "--family", "districting"),
        *("--districts", "2", "--seconds", "20", "--seed", "1", "--out", out),
    )
    assert (run.code, run.err) == (0, "")
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["bound"], record["infeasible"]) == (2, 2, False)
    assert record["answer"] == [0, 0, 1, 1]
    assert record["asked"] == {"districts": 2}


def test_what_cannot_be_met_is_an_answer(allocate: CommandLine, tmp_path: Path) -> None:
    """Without one of its edges the ring has no two halves; the code is 1 and the file says so."""
    held = ring()
    held["adjacency"] = [[{"id": 1}, {"id": 3}], [{"id": 0}, {"id": 2}], [{"id": 1}], [{"id": 0}]]
    path, out = written(tmp_path, held), tmp_path / "out.json"
    words = ("--family", "districting", "--districts", "2", "--seed", "1")
    run = allocate("bench", "file", path, *words, "--lower", "3", "--upper", "3", "--out", out)
    assert run.code == 1
    record = json.loads(out.read_text(encoding="utf-8"))
    assert (record["objective"], record["answer"], record["infeasible"]) == (None, None, True)


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        ({"contiguous": True}, 2),
        ({"contiguous": False}, 2),
        ({"lower": 2, "upper": 6, "districts": 2}, 2),
        ({"districts": 1}, 0),
    ],
)
def test_questions_differ(asked: dict[str, Any], best: int, tmp_path: Path) -> None:
    """Limits, number and contiguity are those asked for."""
    found = solve_file(written(tmp_path, ring()), 20, 1, **{"districts": 2, **asked})
    assert (found.objective, found.bound) == (best, best)


def test_inertia_is_people_by_miles_squared(tmp_path: Path) -> None:
    """Each light county pays its way to the heavy one: a degree of longitude or latitude."""
    found = solve_file(written(tmp_path, ring()), 20, 1, districts=2, objective="inertia")
    east = miles(np.array([0.0, 0.0]), np.array([0.0, 1.0]))[0, 1]
    high = miles(np.array([1.0, 1.0]), np.array([0.0, 1.0]))[0, 1]
    assert found.objective == pytest.approx(east**2 + high**2, rel=1e-12)
    assert found.bound == pytest.approx(found.objective, rel=1e-6)


@pytest.mark.parametrize(
    ("places", "metres"),
    [
        (((0, 0), (0, 1)), 111319.491),
        (((0, 0), (1, 0)), 110574.389),
        (((-37.951033417, 144.424867889), (-37.652821139, 143.926495528)), 54972.271),
        (((12.3, 4.5), (12.3, 4.5)), 0.0),
    ],
)
def test_geodesics_are_those_of_the_ellipsoid(places: Any, metres: float) -> None:
    """A degree along the equator and a meridian, Vincenty's own example, no way at all."""
    latitude, longitude = np.array(places, dtype=float).T
    found = miles(latitude, longitude)
    assert found[0, 1] * 1609.344 == pytest.approx(metres, rel=1e-7)
    assert np.allclose(found, found.T, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("{", "is no JSON"),
        ({"nodes": []}, "has no list of nodes"),
        ({**ring(), "adjacency": []}, "has 4 nodes and the neighbours of 0"),
        ({**ring(), "adjacency": [[{"id": 9}], [], [], []]}, "is a neighbour that is no node"),
        ({**ring(), "nodes": [{"id": i} for i in range(4)]}, "has no TOTPOP"),
    ],
)
def test_a_file_that_is_no_graph_is_told(held: Any, told: str, tmp_path: Path) -> None:
    """What is wrong is named, and what belongs there is said."""
    with pytest.raises(BadInput) as raised:
        read_graph(written(tmp_path, held))
    assert told in str(raised.value)
    assert "the adjacency JSON of networkx" in str(raised.value)


def test_a_question_that_makes_no_sense_is_told(tmp_path: Path) -> None:
    """All faults of the question at once: number, objective and limits."""
    graph = read_graph(written(tmp_path, ring()))
    with pytest.raises(BadInput) as raised:
        districts_of(graph, districts=9, lower=5, upper=4, objective="beauty")
    assert [fault.place for fault in raised.value.faults] == [
        *("--districts", "--objective", "--lower")
    ]


def test_options_of_another_family_are_told(allocate: CommandLine, tmp_path: Path) -> None:
    """Districts of an assignment problem are one message and code 2."""
    run = allocate(
        *("bench", "file", tmp_path / "none", "--family", "gap", "--districts", "2"),
        *("--seed", "1", "--out", tmp_path / "out.json"),
    )
    assert run.code == 2
    assert "--districts: is no option of the family gap" in run.err


@pytest.mark.parametrize(
    ("lots", "bound", "told"),
    [
        ([0, 1, 0, 1], 0, "lot 0 is not connected"),
        ([0, 0, 0, 1], 0, "lot 0 comes to 5"),
        ([0, 0, 1, 1], 3, "the bound 3 lies above the answer, 2"),
    ],
)
def test_an_answer_that_does_not_stand_up_is_not_given(
    lots: list[int], bound: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recount trusts no engine."""

    def wrong(pursuit: Pursuit, seed: int) -> None:
        pursuit.best, pursuit.bound = np.array(lots), bound

    monkeypatch.setattr(districting, "solve_partition", wrong)
    with pytest.raises(ReviewFailed, match=told):
        solve_file(written(tmp_path, ring()), 1, 1, districts=2)


def known(name: str) -> dict[str, str]:
    """What is known of a public instance."""
    if not SHARED.exists():
        pytest.skip("the public instances are not here")
    with (SHARED / "known.csv").open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["instance"] == name)


@pytest.mark.parametrize(
    "name",
    [
        "ME-county-mincut-contiguous",
        "ME-county-mincut-none",
        pytest.param("NM-county-mincut-contiguous", marks=pytest.mark.slow),
        pytest.param("AL-county-mincut-contiguous", marks=pytest.mark.slow),
        pytest.param("WV-county-mincut-contiguous", marks=pytest.mark.slow),
        pytest.param("OK-county-inertia-none", marks=pytest.mark.slow),
        "NH-county-contiguous-INFEASIBLE",
    ],
)
def test_public_instances_are_solved_to_their_known_optima(name: str) -> None:
    """Value and bound are the known optimum, or there is proven to be no answer."""
    row = known(name)
    found = solve_file(
        *(SHARED / row["file"], 100, 1),
        districts=int(row["k"]),
        lower=int(row["L"]),
        upper=int(row["U"]),
        objective="inertia" if "inertia" in name else "cut_edges",
        contiguous=row["contiguity"] == "contiguous",
    )
    if row["optimal"] == "infeasible":
        assert found.impossible
    else:
        assert found.objective == pytest.approx(float(row["best_known"]), rel=1e-9)
        assert found.bound == pytest.approx(float(row["best_known"]), rel=1e-9)
