"""spopt on exported places: run as a script, where spopt is installed.

``python regions.py PLACES.npz WAY`` prints one line of JSON at its end: the lot of each place, and
the seconds that it computed. None of spopt's ways knows both a number of regions and two limits of
their size. Each is asked for what it can be: Ward's linkage, SKATER and k-means of connected
regions for the number of lots (SKATER with at least half an equal number of places in each), max-p
for the most lots that reach the lower limit. What is alike are the places' coordinates.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

QUORUM = 0.5  # of an equal number of places, for SKATER
TRIES = 5  # of constructing and annealing, for max-p: its own 99 take hours on a thousand places


def _weights(data: Any) -> Any:
    """Which places touch."""
    from libpysal.weights import W

    beside: dict[int, list[int]] = {at: [] for at in range(len(data["size"]))}
    for a, b in data["edges"].tolist():
        beside[a].append(b)
        beside[b].append(a)
    return W(beside, silence_warnings=True)


def _frame(data: Any) -> Any:
    import geopandas

    east, north = data["east"], data["north"]
    return geopandas.GeoDataFrame(
        {"east": east, "north": north, "size": data["size"]},
        geometry=geopandas.points_from_xy(east, north),
    )


def _ward(data: Any) -> Any:
    from spopt.region import WardSpatial

    return WardSpatial(_frame(data), _weights(data), XY, int(data["lots"]))


def _skater(data: Any) -> Any:
    from spopt.region import Skater

    quorum = int(QUORUM * len(data["size"]) / int(data["lots"]))
    return Skater(_frame(data), _weights(data), XY, n_clusters=int(data["lots"]), floor=quorum)


def _k_means(data: Any) -> Any:
    from spopt.region import RegionKMeansHeuristic

    at = np.column_stack([data["east"], data["north"]]).astype(float)
    return RegionKMeansHeuristic(at, int(data["lots"]), _weights(data))


def _max_p(data: Any) -> Any:
    from spopt.region import MaxPHeuristic

    return MaxPHeuristic(
        *(_frame(data), _weights(data), XY, "size", int(data["lower"])),
        max_iterations_construction=TRIES,
        max_iterations_sa=1,
    )


XY = ["east", "north"]
WAYS: dict[str, Callable[[Any], Any]] = {
    "spopt-ward": _ward,
    "spopt-skater": _skater,
    "spopt-k-means": _k_means,
    "spopt-max-p": _max_p,
}


def solve(data: Any, way: str) -> dict[str, Any]:
    """Solve in one way of spopt, and say which lot each place is in."""
    np.random.seed(1)  # noqa: NPY002 (spopt draws from there)
    began = time.process_time()
    model = WAYS[way](data)
    built = time.process_time() - began
    model.solve()
    spent = time.process_time() - began - built
    return {"build": built, "solve": spent, "lots": [int(lot) for lot in model.labels_]}


if __name__ == "__main__":
    where, asked = sys.argv[1:]
    with np.load(where) as loaded:
        print(json.dumps(solve(dict(loaded), asked)))
