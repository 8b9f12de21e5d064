"""The rules about single people and households as rows of the program.

Rules about single pairs of a package and a provider are kept by leaving pairs out (``pairs.py``)
or, when soft, by counting them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from allocate.core.program import Short
from allocate.homecare.formulation import Draft
from allocate.homecare.labels import PLACED, each, named


def placed_once(draft: Draft) -> None:
    """Placed packages keep a provider: hard by bounds, soft by counting those left waiting."""
    if draft.soft("placed_once"):
        packages = draft.instance.packages
        placed = np.flatnonzero(packages.status == PLACED)
        about = [packages.ids[p] for p in placed]
        counts = np.ones_like(placed)
        draft.shorts.append(Short("placed_once", draft.wait[placed], counts, 1, about))


def quality_floor(draft: Draft) -> None:
    """New work goes to providers of the minimum rating."""
    draft.charge_pairs("quality_floor")


def needs_met(draft: Draft) -> None:
    """Special needs are met."""
    draft.charge_pairs("needs_met")


def choice_kept(draft: Draft) -> None:
    """People who asked for a provider get it."""
    draft.charge_pairs("choice_kept")


def household_together(draft: Draft) -> None:
    """The placed packages of one household have one provider."""
    instance, pairs, program = draft.instance, draft.pairs, draft.program
    household = instance.packages.household
    members = np.bincount(household[household >= 0], minlength=1)
    shared = np.flatnonzero(members > 1)
    home = household[pairs.package]
    entry = np.flatnonzero((home >= 0) & np.isin(home, shared))
    size = len(instance.providers.ids)
    served, at = np.unique(home[entry] * size + pairs.provider[entry], return_inverse=True)
    # A household is called by its first member.
    first = np.zeros(len(members), dtype=np.int64)
    homed = np.flatnonzero(household >= 0)[::-1]
    first[household[homed]] = homed
    ids, providers = instance.packages.ids, instance.providers.ids
    names = named((ids, first[served // size]), (providers, served % size))
    columns = program.columns("serves_household", len(served), labels=names)
    rows = np.arange(len(entry))
    program.require(
        "serves_household",
        "link",
        [(rows, draft.assign[entry], 1), (rows, columns[at], -1)],
        high=0,
        rows=len(rows),
        labels=draft.of_pairs(entry),
    )
    homes, row = np.unique(served // size, return_inverse=True)
    entries: list[Any] = [(row, columns, 1)]
    names = named((ids, first[homes]))
    about = [f"household of {ids[p]}" for p in first[homes]]
    slack = draft.slack("household_together", members[homes] - 1, 1, about)
    if slack is not None:
        entries.append((np.arange(len(homes)), slack, -1))
    program.require("household_together", "pack", entries, high=1, rows=len(homes), labels=names)


def locked_stay(draft: Draft) -> None:
    """Locked packages stay."""
    draft.charge_pairs("locked_stay")


def moves_limit(draft: Draft) -> None:
    """At most so many people are moved by choice."""
    moves = np.flatnonzero(draft.pairs.breaks["moves_limit"])
    limit = int(float(draft.instance.rules["moves_limit"].value or 0))
    entries: list[Any] = [(0, draft.assign[moves], 1)]
    people = np.array([len(draft.instance.packages.ids)])
    slack = draft.slack("moves_limit", people, 1, ["people moved"])
    if slack is not None:
        entries.append((0, slack, -1))
    draft.program.require("moves_limit", "pack", entries, high=limit, rows=1, labels=each(["all"]))


def rate_floor(draft: Draft) -> None:
    """No new placement below the floor; where the rule raises, rates are raised already."""
    draft.charge_pairs("rate_floor", draft.instance.packages.minutes[draft.pairs.package], 60)
