"""Solve the shipped home care scenarios and print a row of the ledger for each.

    python benchmarks/homecare/scenarios.py                     # all of them
    python benchmarks/homecare/scenarios.py leads_hand_back --method scip

Each runs alone, one solver thread, with the limits of the scenario unless --seconds says otherwise.
"""

from __future__ import annotations

import argparse
import os
import platform

import allocate
from allocate.card import shipped
from allocate.result import Level, Result, versions

HEAD = "| scenario | method | status | seconds | waiting | shortfalls | changes | cash | travel |"


def cell(level: Level) -> str:
    """Value of a level, and its gap where it is not closed."""
    value = (
        f"{float(level.objective):,.6g}"
        if level.objective < 10**6
        else f"{float(level.objective):,.0f}"
    )
    if level.gap is None:
        return f"{value} (no bound)"
    return value if level.gap == 0 else f"{value} (gap {level.gap:.2%})"


def row(name: str, method: str, result: Result) -> str:
    """One line of the ledger."""
    cells = [name, method, result.status, f"{sum(result.record['seconds'].values()):.1f}"]
    return "| " + " | ".join([*cells, *(cell(level) for level in result.levels)]) + " |"


def main() -> None:
    """Run what the command line asks for."""
    known = sorted(path.stem for path in shipped("scenarios", "homecare").glob("*.toml"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", default=known)
    parser.add_argument("--method", default="highs")
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args()
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; {used}\n")
    print(HEAD)
    print("|" + " --- |" * (HEAD.count("|") - 1))
    for name in options.scenarios:
        result = allocate.solve(name, method=options.method, seconds=options.seconds)
        print(row(name, options.method, result), flush=True)


if __name__ == "__main__":
    main()
