"""Designs to set side by side: how many lots, and how many one owner may lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from allocate.errors import Fault
from allocate.lots.cells import Cells
from allocate.tables import Tables


@dataclass(frozen=True)
class Design:
    """One design.

    Parameters
    ----------
    id
        Its label.
    lots
        How many lots; None: the areas as they are.
    owner_limit
        Most lots that one owner leads; None: no limit.
    let
        Whether contracts are let anew; otherwise everybody stays where they are.
    """

    id: str
    lots: int | None
    owner_limit: int | None
    let: bool

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        if not self.let:
            return "do nothing"
        many = "areas as now" if self.lots is None else f"{self.lots} lots"
        many = "1 lot" if self.lots == 1 else many
        if self.owner_limit is None:
            return many
        return f"{many}, at most {self.owner_limit} an owner"

    def allows(self, other: Design) -> bool:
        """Whether every plan of another design is one of this, too."""
        limits = self.owner_limit, other.owner_limit
        looser = limits[0] is None or (limits[1] is not None and limits[1] <= limits[0])
        return looser and (self.let, self.lots) == (other.let, other.lots)


def build_designs(tables: Tables, cells: Cells) -> tuple[tuple[Design, ...], list[Fault]]:
    """Read the designs, and find those that cannot be drawn."""
    frame = tables["designs"]
    designs = tuple(
        Design(
            id=str(row["design_id"]),
            lots=None if pd.isna(row["lots"]) or not row["lots"] else int(row["lots"]),
            owner_limit=None if pd.isna(row["owner_limit"]) else int(row["owner_limit"]),
            let=row["let"] is not False,
        )
        for _, row in frame.iterrows()
    )
    return designs, list(_faults(frame, designs, tables, cells))


def _faults(
    frame: pd.DataFrame, designs: tuple[Design, ...], tables: Tables, cells: Cells
) -> Iterator[Fault]:
    providers = tables["providers"]
    may = providers["can_lead"].eq(True) & ~providers["suspended"].eq(True)
    owner = providers["owner_id"].where(providers["owner_id"] != "", providers["provider_id"])
    owners = owner[may].nunique()
    for line, design in zip(frame.index, designs, strict=True):
        place, lots = f"designs.csv {line}", design.lots
        if lots is not None and lots > len(cells.ids):
            problem = f"there are {len(cells.ids)} places, and no lot may be empty"
            yield Fault(place, f'lots = "{lots}"', problem, "Ask for fewer lots")
        needed = len(cells.areas) if lots is None else lots
        if design.let and design.owner_limit and owners * design.owner_limit < needed:
            problem = f"{owners} owners may lead, too few for {needed} lots"
            remedy = "Raise the limit, ask for fewer lots, or let more providers lead"
            yield Fault(place, f'owner_limit = "{design.owner_limit}"', problem, remedy)
    if designs and not (tables.has("packages") and tables.has("providers")):
        problem = "designs place everybody's care, and there are no packages or no providers"
        yield Fault("designs.csv", "", problem, "Add packages.csv and providers.csv")
