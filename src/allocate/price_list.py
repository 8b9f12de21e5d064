"""Prices by name: what a proof charges, in words that stand without its program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PriceList:
    """Prices on rows of rules.

    Parameters
    ----------
    scale
        Prices are whole numbers over this.
    rows
        By rule, then by what the row is about: units of the level for one step of the row, times
        ``scale``.
    """

    scale: int = 1
    rows: Mapping[str, Mapping[tuple[str, ...], int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values: each row is its labels, then its price."""
        listed = {
            rule: [[*labels, price] for labels, price in held.items()]
            for rule, held in self.rows.items()
        }
        return {"scale": self.scale, "prices": listed}


def read_prices(written: Mapping[str, Any]) -> PriceList:
    """Read prices that ``as_json`` wrote.

    Raises
    ------
    ValueError
        Where they are something else, or one row has two prices.
    """
    scale, listed = written.get("scale"), written.get("prices")
    if type(scale) is not int or not isinstance(listed, dict):
        raise ValueError("There is no scale, or there are no prices.")
    return PriceList(scale, {rule: _read_rows(rule, rows) for rule, rows in listed.items()})


def _read_rows(rule: str, rows: Any) -> dict[tuple[str, ...], int]:
    held: dict[tuple[str, ...], int] = {}
    for row in rows if isinstance(rows, list) else [rows]:
        if not isinstance(row, list) or [type(cell) for cell in row[-1:]] != [int]:
            raise ValueError(f"A price on {rule} cannot be read.")
        *labels, price = row
        if not all(isinstance(label, str) for label in labels) or tuple(labels) in held:
            raise ValueError(f"A row of {rule} cannot be told from the others.")
        held[tuple(labels)] = price
    return held
