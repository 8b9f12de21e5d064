"""The table of designs, and what stands behind it: lots, leads, each owner's failure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from allocate.columns import table
from allocate.homecare.instance import Instance as Care
from allocate.lots.design_row import DesignRow
from allocate.lots.instance import Instance
from allocate.lots.uncovered import NOTICE
from allocate.units import as_pounds

Section = tuple[str, list[str]]


def design_tables(
    instance: Instance, care: Care, rows: Sequence[DesignRow]
) -> dict[str, pd.DataFrame]:
    """Return the answer as tables, by file name without its ending.

    Parameters
    ----------
    instance
        The lots question.
    care
        The home care question, for its owners.
    rows
        What each design means.
    """
    return {
        "designs": pd.DataFrame([_row(row) for row in rows]),
        "design_lots": pd.DataFrame(
            [
                (row.design.id, cell, f"L{row.lots.lot[i] + 1}")
                for row in rows
                if row.lots is not None
                for i, cell in enumerate(instance.cells.ids)
            ],
            columns=["design_id", "cell_id", "lot_id"],
        ),
        "design_leads": pd.DataFrame(
            [
                (row.design.id, f"L{number + 1}", lead)
                for row in rows
                if row.lots is not None
                for number, lead in enumerate(row.leads)
            ],
            columns=["design_id", "lot_id", "provider_id"],
        ),
        "design_allocation": pd.DataFrame(
            [
                (row.design.id, package, care.providers.ids[k] if k >= 0 else "")
                for row in rows
                for package, k in zip(care.packages.ids, row.provider.tolist(), strict=True)
            ],
            columns=["design_id", "package_id", "provider_id"],
        ),
        "design_handbacks": pd.DataFrame(
            [
                (row.design.id, owner, *(round(m / 60, 2) for m in (hours, *nobody)))
                for row in rows
                for owner, hours, nobody in zip(
                    care.providers.owners, row.hours.tolist(), row.uncovered.tolist(), strict=True
                )
                if hours
            ],
            columns=[
                *("design_id", "owner_id", "hours_per_week"),
                *(f"uncovered_hours_{weeks}_weeks" for weeks in NOTICE),
            ],
        ),
    }


def _row(row: DesignRow) -> dict[str, object]:
    limit = row.design.owner_limit
    return {
        "design_id": row.design.id,
        "lots": 0 if row.lots is None else row.lots.lots,
        "owner_limit": "" if limit is None else limit,
        "plans": row.plans,
        **{name: round(value, 4) for name, value in row.figures.items()},
        "points": round(float(row.points), 2),
        "bound_points": "" if row.bound is None else round(row.bound, 2),
        "note": row.note,
    }


def _bidders(row: DesignRow) -> str:
    least, most = (row.figures[f"{end}_bidders_per_lot"] for end in ("least", "most"))
    if row.lots is None:
        return ""
    return f"{least:.0f}" if least == most else f"{least:.0f} to {most:.0f}"


def sections(care: Care, rows: Sequence[DesignRow], failed: Sequence[str]) -> list[Section]:
    """Say the table in plain words.

    Parameters
    ----------
    care
        The home care question, for its owners.
    rows
        What each design means.
    failed
        Designs without an answer, and why.
    """
    money = table(
        ["design", "price a year", "waiting h/wk", "travel min/wk", "area", "provider", "carers"],
        [
            [
                row.design.words,
                as_pounds(
                    100
                    * (
                        row.figures["care_pounds_per_year"]
                        + row.figures["administration_pounds_per_year"]
                    )
                ),
                f"{row.figures['hours_waiting']:,.0f}",
                f"{row.figures['travel_minutes_per_week']:,.0f}",
                f"{row.figures['people_changing_area']:,.0f}",
                f"{row.figures['people_changing_provider']:,.0f}",
                f"{row.figures['people_changing_carers']:,.0f}",
            ]
            for row in rows
        ],
    )
    market = table(
        ["design", "HHI", "top ten", "largest", "bidders a lot", "small firms", "owners leading"],
        [
            [
                row.design.words,
                f"{row.figures['hhi']:,.0f}",
                f"{row.figures['top_ten_share']:.0%}",
                f"{row.figures['largest_owner_share']:.0%}",
                _bidders(row),
                f"{row.figures['small_firm_share']:.0%}",
                f"{row.figures['owners_leading']:.0f}",
            ]
            for row in rows
        ],
    )
    failure = table(
        ["design", "worst owner", "its hours", *(f"{weeks} weeks" for weeks in NOTICE)],
        [
            [
                row.design.words,
                care.providers.owners[worst],
                f"{row.hours[worst] / 60:,.0f}",
                *(f"{row.uncovered[worst, column] / 60:,.0f}" for column in range(len(NOTICE))),
            ]
            for row in rows
            for worst in [int(row.uncovered[:, 0].argmax())]
        ],
        (0, 1),
    )
    sure = [f"{row.design.words}: {row.sure}" for row in rows if row.design.let]
    return [
        ("Price, waiting, travel, and people who change area, provider or carers", money),
        ("The market after it", market),
        (
            "When the owner hands back whose work is hardest to cover: hours a week that nobody "
            "takes, by weeks of notice",
            failure,
        ),
        (
            "How sure each line is, in points: pounds a year, and waiting, changes, travel and "
            "what leads pass by at the weights that the parameters state",
            [*sure, *failed],
        ),
    ]
