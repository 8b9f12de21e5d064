"""Fits the forecast and the spread of winters of the case `sefton_winter` to published series.

    python fit_winter.py DATA

DATA is the folder that holds the two series named in SOURCES.md. Written beside this file are
forecast.csv, the rows of parameters.csv that are fitted, and fit.svg, which shows winters drawn
from the fit beside those of the series. The same data write the same bytes.
"""

from __future__ import annotations

import csv
import sys
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocate.beds.sampler import Shape, draw_arrivals

Floats = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
DAILY = "nhs_daily_no_criteria_to_reside_discharges_lcr_trusts.csv"
MONTHLY = "dtoc_delayed_days_by_reason_lcr_england_2011-04_2019-12.csv"

# What no series says, and what was taken: see SOURCES.md.
SEFTON_SHARE = {
    "REM": 0.20,
    "RBN": 0.22,
}  # of those discharged by Liverpool; by Mersey & West Lancs
PATHWAYS = {"pathway 2": 0.03, "pathway 3": 0.02}  # of those discharged without criteria to reside
HELPED = {"pathway 2": 1.0, "pathway 3": 1.0}
NORTH_SHARE = 0.515  # of residents aged 75 and over: wards of Southport, Ainsdale and Formby
CARE = {
    "residential": 0.36,
    "residential dementia": 0.24,
    "nursing": 0.24,
    "nursing dementia": 0.16,
}

FIRST_MONDAY = date(2025, 11, 3)
WEEKS = 20
WINTERS = (2023, 2024)  # whole in the daily series, after Southport joined Mersey & West Lancs
MONTHS = (11, 12, 1, 2, 3)
NOT_BELIEVED = {("REM", date(2023, 8, 30)), ("REM", date(2023, 8, 31)), ("REM", date(2023, 9, 1))}


def main(data: Path) -> None:
    """Fit, and write what was found."""
    daily = read_daily(data / DAILY)
    forecast = list(forecast_rows(daily))
    spread = fit_spread(daily, data / MONTHLY)
    with (HERE / "forecast.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["month", "pathway", "zone_id", "care_type", "discharges", "share_helped"])
        writer.writerows(forecast)
    write_parameters(spread)
    (HERE / "fit.svg").write_text(picture(daily, spread), encoding="utf-8", newline="\n")
    print(spread)


def read_daily(path: Path) -> dict[str, dict[date, float]]:
    """Discharges by trust and day; nought and what is not believed are no returns."""
    found: dict[str, dict[date, float]] = {trust: {} for trust in SEFTON_SHARE}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            trust, day = row["trust_code"], date.fromisoformat(row["date"])
            people = float(row["discharged_total"] or 0)
            if trust in found and people > 0 and (trust, day) not in NOT_BELIEVED:
                found[trust][day] = people
    return found


def month_of(winter: int, month: int) -> tuple[int, int]:
    """Year and month within a winter that begins in a year."""
    return (winter if month > 6 else winter + 1), month


def mean_of_month(daily: dict[date, float], year: int, month: int) -> float:
    """Mean a day of the days that were returned."""
    return float(np.mean([n for day, n in daily.items() if (day.year, day.month) == (year, month)]))


def sefton_a_day(daily: dict[str, dict[date, float]], year: int, month: int) -> float:
    """People of Sefton discharged in a day of a month who had no reason to be in hospital."""
    return sum(
        share * mean_of_month(daily[trust], year, month) for trust, share in SEFTON_SHARE.items()
    )


def forecast_rows(daily: dict[str, dict[date, float]]) -> list[tuple[object, ...]]:
    """Rows of the forecast: the mean of the two winters, month by month."""
    rows: list[tuple[object, ...]] = []
    for month in MONTHS:
        year, _ = month_of(2025, month)
        a_day = np.mean([sefton_a_day(daily, *month_of(winter, month)) for winter in WINTERS])
        people = float(a_day) * monthrange(year, month)[1]
        for pathway, share in PATHWAYS.items():
            for zone, part in (("north", NORTH_SHARE), ("south", 1 - NORTH_SHARE)):
                for care, of in CARE.items():
                    amount = round(people * share * part * of, 1)
                    first = date(year, month, 1).isoformat()
                    rows.append((first, pathway, zone, care, amount, HELPED[pathway]))
    return rows


@dataclass(frozen=True)
class Spread:
    """How winters differ, as the series have it."""

    year_spread: float
    week_spread: float
    week_memory: float
    peak_chance: float
    peak_lift: float
    peak_weeks: int
    winter_ratio: float

    @property
    def shape(self) -> Shape:
        """The same for the draw; no home closes here."""
        return Shape(
            self.year_spread,
            self.week_spread,
            self.week_memory,
            self.peak_chance,
            self.peak_lift,
            self.peak_weeks,
            0.0,
            1,
        )


def fit_spread(daily: dict[str, dict[date, float]], monthly: Path) -> Spread:
    """Fit the spread of years to delayed days of Sefton, that of weeks to weekly discharges."""
    ratio = winter_ratios(monthly)
    weeks = np.stack([weekly(daily, winter) for winter in WINTERS])
    course = weeks / weeks.mean(axis=1, keepdims=True)
    # Chance alone would spread a week's count; of trusts it is too small to take off.
    memory = float(np.corrcoef(course[:, :-1].ravel(), course[:, 1:].ravel())[0, 1])
    three = np.stack([np.convolve(row, np.ones(3) / 3, "valid") for row in course])
    # Trusts have many more patients than a borough has people for beds: what they share out by
    # chance is in the Poisson draw, what they have in common is here.
    return Spread(
        year_spread=round(float(ratio.std(ddof=1)), 3),
        week_spread=round(float(course.std(ddof=1)), 3),
        week_memory=round(max(0.0, memory), 3),
        peak_chance=0.3,
        peak_lift=round(max(float(three.max() - 1), pressure_lift(monthly)), 3),
        peak_weeks=3,
        winter_ratio=round(float(ratio.mean()), 3),
    )


def delayed(path: Path) -> dict[tuple[int, int], float]:
    """Delayed days of Sefton's residents in a day of each month."""
    found = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["la_name"] == "Sefton":
                year, month = (int(part) for part in row["month"].split("-"))
                found[year, month] = float(row["total"]) / monthrange(year, month)[1]
    return found


def winter_ratios(path: Path) -> Floats:
    """Winter over the summers before and after, for the eight winters that have both."""
    by_month = delayed(path)
    ratios = []
    for year in range(2011, 2019):
        winter = np.mean([by_month[month_of(year, month)] for month in MONTHS])
        summers = [by_month[y, m] for y in (year, year + 1) for m in (5, 6, 7, 8)]
        ratios.append(winter / np.mean(summers))
    return np.array(ratios)


def pressure_lift(path: Path) -> float:
    """How far the worst month of a winter stands above its mean, on average over winters."""
    by_month = delayed(path)
    lifts = []
    for year in range(2011, 2019):
        months = [by_month[month_of(year, month)] for month in MONTHS]
        lifts.append(max(months) / np.mean(months) - 1)
    return float(np.mean(lifts))


def weekly(daily: dict[str, dict[date, float]], winter: int) -> Floats:
    """People of Sefton discharged in each week of a winter, missing days as the week's others."""
    begin = FIRST_MONDAY.replace(year=winter)
    begin -= timedelta(days=begin.weekday())
    weeks = []
    for number in range(WEEKS):
        days = [begin + timedelta(days=7 * number + n) for n in range(7)]
        total = 0.0
        for trust, share in SEFTON_SHARE.items():
            known = [daily[trust][day] for day in days if day in daily[trust]]
            total += share * 7 * float(np.mean(known))
        weeks.append(total)
    return np.array(weeks)


def write_parameters(spread: Spread) -> None:
    """Put what is fitted into parameters.csv; other rows stay."""
    path = HERE / "parameters.csv"
    fitted = {
        "year_spread": "standard deviation of winter over summer, delayed days of Sefton 2011-2019",
        "week_spread": "weekly discharges of the two trusts, winters 2023/24 and 2024/25",
        "week_memory": "the same series, one week to the next",
        "peak_chance": "our reading: three winters in ten",
        "peak_lift": "worst month over mean of the winter, delayed days of Sefton 2011-2019",
        "peak_weeks": "our reading",
    }
    rows = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["parameter_id"] not in fitted]
    for name, note in fitted.items():
        value = getattr(spread, name)
        row = {"parameter_id": name, "value": f"{value:g}", "basis": "assumed", "note": note}
        rows.append(row)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, ["parameter_id", "value", "basis", "note"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def picture(daily: dict[str, dict[date, float]], spread: Spread) -> str:
    """Draw 500 winters beside the two of the series, as people for beds a week."""
    share = sum(PATHWAYS.values())
    real = [weekly(daily, winter) * share for winter in WINTERS]
    mean = np.mean(real, axis=0)
    drawn = draw_arrivals(mean[None, None, :], spread.shape, 500, 1)[:, 0, 0]
    bands = [np.quantile(drawn, q, axis=0) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    width, height, left, top = 720.0, 360.0, 50.0, 40.0
    most = float(bands[-1].max()) * 1.1

    def point(week: float, people: float) -> str:
        x = left + week / (WEEKS - 1) * (width - left - 20)
        y = height - 40 - people / most * (height - 40 - top)
        return f"{x:.1f},{y:.1f}"

    def line(values: Sequence[float]) -> str:
        return " ".join(point(week, people) for week, people in enumerate(values))

    def band(low: Floats, high: Floats, colour: str) -> str:
        back = [point(week, high[week]) for week in range(WEEKS - 1, -1, -1)]
        return f'<polygon points="{line(low)} {" ".join(back)}" fill="{colour}"/>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="22">People leaving hospital whom a bed can help, a week: 500 winters '
        "drawn, and the two of the series</text>",
        band(bands[0], bands[4], "#dbe6f4"),
        band(bands[1], bands[3], "#b3cbe8"),
        f'<polyline points="{line(bands[2])}" fill="none" stroke="#2b5c9e" stroke-width="2"/>',
    ]
    for winter, values, colour in zip(WINTERS, real, ("#c2502e", "#7a7a00"), strict=True):
        parts.append(
            f'<polyline points="{line(values)}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        x, y = point(WEEKS - 1, values[-1]).split(",")
        parts.append(
            f'<text x="{float(x) - 60}" y="{float(y) - 6}" fill="{colour}">{winter}/{winter - 1999}'
            "</text>"
        )
    for people in range(0, int(most) + 1, 5):
        x, y = point(0, people).split(",")
        parts.append(f'<text x="{float(x) - 24}" y="{y}">{people}</text>')
    for week in range(0, WEEKS, 4):
        x, _ = point(week, 0).split(",")
        parts.append(f'<text x="{x}" y="{height - 20}">week {week + 1}</text>')
    parts.append(
        f'<text x="{left}" y="{height - 4}" fill="#555">Dark: half of the winters drawn; light: '
        "nine in ten. A borough's counts are small, so weeks spread more than those of trusts."
        "</text></svg>"
    )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
