"""Totals of a lots case that a reader knows from elsewhere, by name."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocate.columns import table
from allocate.figure import Figure
from allocate.lots.instance import Instance
from allocate.tables import Tables


def figures(instance: Instance) -> list[Figure]:
    """Return the totals of a case.

    Parameters
    ----------
    instance
        The question.
    """
    cells, bidders = instance.cells, instance.bidders
    counts = (
        ("cells", "Places or cells", "cells", len(cells.ids), 1),
        ("people_75_plus", "People aged 75 and over", "people", int(cells.residents.sum()), 1),
        ("hours", "Hours", "carer-hours a week", int(cells.minutes.sum()), 60),
        ("value", "Value", "pounds a year", int(cells.value.sum()), 100),
        ("bidders", "Bidders", "bidders", len(bidders.ids), 1),
        ("owners", "Owners", "owners", len(bidders.owners), 1),
    )
    return [Figure(name, title, unit, Fraction(n, per)) for name, title, unit, n, per in counts]


def overview(instance: Instance, tables: Tables, found: Sequence[Figure]) -> list[str]:
    """Write these totals as lines."""
    return table(["figure", "", "amount"], [[f.name, f.title, str(f)] for f in found], (0, 1))
