"""The registry of cases: every instance that the benchmark knows, by family and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.card import shipped
from benchmarks.beds import families as winters
from benchmarks.gap import recipe
from benchmarks.homecare import families
from benchmarks.homecare.changed import NAMES, write_changed
from benchmarks.homecare.written import write_generated
from benchmarks.lots.families import NAMES as LOTS
from benchmarks.lots.services import NAMES as SERVICES
from benchmarks.lots.services import write_services
from benchmarks.public.known import known

# Sizes of generalised assignment made by the recipe, where the public files are not there.
GAP_SIZES = ((5, 100), (10, 100), (20, 100), (5, 200), (10, 200), (20, 200), (20, 400), (20, 1600))


@dataclass(frozen=True)
class Case:
    """One instance.

    Parameters
    ----------
    name, family
        What it is called, and what it belongs to.
    placed
        Puts its files into a folder, for a seed, and returns what to solve.
    public
        The family of public instances that it is one of; empty where it is a scenario.
    asked
        Options of that family, by name.
    best
        Best value known; None where nobody knows better than this benchmark.
    earlier
        Name of the question beside it whose answer it is started from too; empty where there is
        none.
    """

    name: str
    family: str
    placed: Callable[[Path, int], str]
    public: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    best: float | None = None
    earlier: str = ""


def _generated(name: str, folder: Path, seed: int) -> str:
    return str(write_generated(name, seed, folder / f"{name}-{seed}"))


def _changed(name: str, folder: Path, seed: int) -> str:
    return str(write_changed(name, seed, folder / f"{name}-{seed}"))


def _winter(name: str, folder: Path, seed: int) -> str:
    return str(winters.write_winter(name, seed, folder / f"{name}-{seed}"))


def _services(name: str, folder: Path, seed: int) -> str:
    return str(write_services(name, seed, folder / f"{name}-{seed}"))


def _made(kind: str, agents: int, jobs: int, folder: Path, seed: int) -> str:
    path = folder / f"{kind}{agents:02d}{jobs}-made-{seed}"
    return str(recipe.write(path, *recipe.make(kind, agents, jobs, seed)))


def _as_it_is(where: str, folder: Path, seed: int) -> str:
    return where


def _cases() -> list[Case]:
    generated = [
        Case(name, family, partial(_generated, name))
        for family, sizes in families.SIZES.items()
        for name in sizes
    ]
    changed = [
        Case(name, "borough-changed", partial(_changed, name), earlier=extends)
        for name, (extends, _) in NAMES.items()
    ]
    sefton = [
        Case(path.stem, "sefton", partial(_as_it_is, path.stem))
        for path in sorted(shipped("scenarios", "homecare").glob("*.toml"))
    ]
    winter = [
        Case(name, family, partial(_winter, name))
        for family, sizes in winters.SIZES.items()
        for name in sizes
    ]
    lots = [Case(name, "lots", partial(_as_it_is, name)) for name in LOTS]
    services = [Case(name, "lots", partial(_services, name)) for name in SERVICES]
    public = [
        Case(item.name, family, partial(_as_it_is, str(item.file)), family, item.asked, item.best)
        for family in registry.FAMILIES
        for item in known(family)
    ]
    made = [
        Case(f"{kind}{m:02d}{n}-made", "gap-made", partial(_made, kind, m, n), "gap")
        for kind in recipe.TYPES
        for m, n in GAP_SIZES
    ]
    return [*generated, *changed, *sefton, *winter, *lots, *services, *public, *made]


CASES = {case.name: case for case in _cases()}
FAMILIES = tuple(dict.fromkeys(case.family for case in CASES.values()))
