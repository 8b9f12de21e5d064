"""What the market as a whole withstands: more demand, carers off sick, owners that fail by chance.

No plan is made here: what is counted is the least that nobody can cover, so no plan does better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.columns import table
from allocate.findings import Findings, Section
from allocate.homecare.cover import Market
from allocate.units import joined

NAMED = 4  # owners that a line names
MORE = tuple(round(0.05 * n, 2) for n in range(1, 11))  # of all hours
SICK = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)  # of all carers


@dataclass(frozen=True)
class Chances:
    """What may happen in a year, by chance.

    Parameters
    ----------
    draws, seed
        Years drawn, and the seed.
    fails
        Chance that an owner fails.
    sick, more
        Most carers that are sick at once, and most demand beyond today's, as shares: each drawn
        evenly from nought.
    """

    draws: int
    seed: int
    fails: float
    sick: float
    more: float


def shake(market: Market, chances: Chances) -> Findings:
    """Count what nobody can cover, the more people need care and the fewer carers there are.

    Parameters
    ----------
    market
        All care of a plan.
    chances
        What is drawn.
    """
    tables = {"demand": _demand(market), "sickness": _sick(market)}
    drawn = _drawn(market, chances)
    sections = list(_sections(tables, drawn, chances))
    return Findings("What the market withstands", sections, {**tables, "drawn": drawn})


def _demand(market: Market) -> pd.DataFrame:
    """Demand beyond today's, spread as today's is: the least hours that nobody can cover."""
    providers = market.instance.providers
    nobody = np.zeros(len(providers.ids), dtype=bool)
    care = market.minutes.sum(axis=0) + market.waiting
    rows = []
    for share in (0.0, *MORE):
        demand = market.waiting + np.floor(care * share).astype(np.int64)
        limits = (providers.capacity, providers.capacity + providers.surge)
        least = [market.uncovered(nobody, limit, demand) / 60 for limit in limits]
        rows.append((share, float((demand - market.waiting).sum() / 60), *least))
    columns = ["share_more", "hours_more", "hours_uncovered", "hours_uncovered_with_surge"]
    return pd.DataFrame(rows, columns=columns)


def _sick(market: Market) -> pd.DataFrame:
    """Carers off sick, the same share everywhere: the least hours that nobody can cover."""
    providers = market.instance.providers
    nobody = np.zeros(len(providers.ids), dtype=bool)
    rows = []
    for share in SICK:
        left = np.floor(providers.capacity * (1 - share)).astype(np.int64)
        limits = (left, left + providers.surge)
        least = [market.uncovered(nobody, limit, market.waiting) / 60 for limit in limits]
        rows.append((share, *least))
    columns = ["share_sick", "hours_uncovered", "hours_uncovered_with_surge"]
    return pd.DataFrame(rows, columns=columns)


def _drawn(market: Market, chances: Chances) -> pd.DataFrame:
    """Draw years: owners fail, carers fall sick, more people come."""
    providers = market.instance.providers
    rng = np.random.default_rng(chances.seed)
    care = market.minutes.sum(axis=0) + market.waiting
    rows = []
    for draw in range(1, chances.draws + 1):
        fails = rng.random(len(providers.owners)) < chances.fails
        sick, more = rng.uniform(0, [chances.sick, chances.more])
        left = np.floor((providers.capacity + providers.surge) * (1 - sick)).astype(np.int64)
        demand = market.waiting + np.floor(care * more).astype(np.int64)
        least = market.uncovered(fails[providers.owner], left, demand)
        names = ";".join(np.array(providers.owners)[fails])
        rows.append((draw, names, round(sick, 4), round(more, 4), least / 60))
    columns = ["draw", "owners_gone", "share_sick", "share_more", "hours_uncovered"]
    return pd.DataFrame(rows, columns=columns)


def _sections(
    tables: dict[str, pd.DataFrame], drawn: pd.DataFrame, chances: Chances
) -> Iterator[Section]:
    """Say what the market as a whole withstands."""
    note = (
        "Hours that nobody can cover at least, could all others be moved at once and packages be "
        "cut at will: no plan covers more. With surge: what providers can staff for a few weeks."
    )
    for title, frame in (
        ("More people need care", tables["demand"]),
        ("Carers off sick", tables["sickness"]),
    ):
        share, rest = frame.columns[0], frame.columns[1:]
        head = [share.replace("_", " "), *(name.replace("_", " ") for name in rest)]
        rows = [
            [f"{row[0]:.0%}", *(f"{value:,.0f}" for value in row[1:])]
            for row in frame.itertuples(index=False)
        ]
        yield title, [note, *table(head, rows)]
    if len(drawn):
        yield (
            f"{chances.draws:,} years by chance, seed {chances.seed}",
            list(_drawn_words(drawn, chances)),
        )


def _drawn_words(drawn: pd.DataFrame, chances: Chances) -> Iterator[str]:
    hours = drawn["hours_uncovered"].to_numpy(dtype=float)
    yield (
        f"Assumed, not measured: each owner fails in a year with a chance of {chances.fails:.0%}; "
        f"up to {chances.sick:.0%} of carers sick at once, up to {chances.more:.0%} more demand."
    )
    worst = np.quantile(hours, 0.95, method="inverted_cdf")
    yield f"All hours could be covered in {np.mean(hours == 0):.0%} of the years."
    yield f"On average {hours.mean():,.0f} hours a week cannot be covered, with surge."
    yield f"In the worst 5 years of 100 it is {worst:,.0f} or more."
    gone = drawn.loc[hours >= worst, "owners_gone"].str.split(";").explode()
    often = gone[gone != ""].value_counts().head(NAMED)
    if len(often):
        named = [f"{owner} ({count})" for owner, count in often.items()]
        yield f"Owners that fail most often in those: {joined(named)}."
