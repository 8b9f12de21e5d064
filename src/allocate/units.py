"""Units convert here and once: money is whole pence inside the house, time whole minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

THOUSAND = 1000
SEVERAL = re.compile(r"(?<=\w)s\b")  # the end of a noun that stands for several


def minutes(hours: Any) -> Ints:
    """Turn hours, already known to be whole minutes, into minutes."""
    return np.rint(np.asarray(hours, dtype=float) * 60).astype(np.int64)


def pence(pounds: Any) -> Ints:
    """Turn pounds, already known to be whole pence, into pence."""
    return np.rint(np.asarray(pounds, dtype=float) * 100).astype(np.int64)


def thousandths(share: Any) -> int:
    """Turn a share or weight, already known to be in thousandths, into thousandths."""
    return round(float(share) * THOUSAND)


def ceil_div(numerator: Any, denominator: int) -> Any:
    """Divide whole numbers and round up."""
    return -(-numerator // denominator)


def yearly_cash(carer_minutes: Any, rate_pence: Any, paid_thousandths: int) -> Ints:
    """Pence a year for weekly carer-minutes at a rate, rounded half up once.

    Parameters
    ----------
    carer_minutes
        Minutes a week, any shape.
    rate_pence
        Pence a carer-hour, a shape that broadcasts with it.
    paid_thousandths
        Share of planned hours that is paid for, in thousandths.

    Returns
    -------
    Ints
        Pence a year: minutes / 60 x rate x share x 365 / 7.
    """
    worked = np.asarray(carer_minutes, dtype=np.int64) * np.asarray(rate_pence, dtype=np.int64)
    numerator = worked * (365 * paid_thousandths)
    denominator = 60 * 7 * THOUSAND
    return np.asarray((2 * numerator + denominator) // (2 * denominator), dtype=np.int64)


def as_hours(count: float) -> str:
    """Write minutes as hours, with no more digits than they need."""
    return f"{count / 60:,.2f}".rstrip("0").rstrip(".")


def as_percent(share: float) -> str:
    """Write a share in hundredths, to the thousandth where it needs that."""
    return f"{share:.1%}".replace(".0%", "%")


def joined(words: Sequence[str], last: str = "and") -> str:
    """Set words in a row, the last two with a word between them."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def with_unit(amount: str, unit: str) -> str:
    """Write an amount with its unit: 2 people, 1 person, 1 carer-hour a week."""
    if amount == "1":
        unit = SEVERAL.sub("", unit.replace("people", "persons", 1), 1)
    return f"{amount} {unit}"


def as_pounds(count: float) -> str:
    """Write pence as whole pounds."""
    sign = "-" if count < 0 else ""
    return f"{sign}£{abs(count) / 100:,.0f}"


def with_pence(count: int) -> str:
    """Write pence as pounds and pence."""
    sign = "-" if count < 0 else ""
    return f"{sign}£{abs(count) // 100:,}.{abs(count) % 100:02d}"


def as_duration(seconds: float) -> str:
    """Write seconds as a reader wants them: 40 s, 3 min, 2.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
