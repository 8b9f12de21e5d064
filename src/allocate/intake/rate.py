"""What an hour costs: the commonest rate of each provider, of a place where that differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allocate.intake.line import Line
from allocate.intake.provider import Providers

LEAST_LINES = 3  # lines of a place that make its rate a rate, not a slip

Key = tuple[str, str]  # provider and place, empty for all


@dataclass(frozen=True)
class Rates:
    """Rates of a case.

    Parameters
    ----------
    rows
        Pence a carer-hour by provider and place, empty for everyone and everywhere.
    odd
        Row numbers of lines that pay another rate than the case.
    silent
        Row numbers of placed lines that say no rate.
    """

    rows: Mapping[Key, int]
    odd: tuple[int, ...] = ()
    silent: tuple[int, ...] = ()

    def of(self, provider_id: str, place_id: str) -> int | None:
        """Pence a carer-hour by the most specific row."""
        keys = ((provider_id, place_id), (provider_id, ""), ("", ""))
        return next((self.rows[key] for key in keys if key in self.rows), None)


def find_rates(lines: Iterable[Line], providers: Providers) -> Rates:
    """Find the commonest rate of all, of each provider that differs, of each place that does."""
    placed = [(providers.of(line), line) for line in lines if not line.waiting]
    priced = [(who, line) for who, line in placed if line.rate is not None]
    if not priced:
        return Rates({})
    by_provider: dict[str, list[Line]] = defaultdict(list)
    by_both: dict[Key, list[Line]] = defaultdict(list)
    for who, line in priced:
        by_provider[who].append(line)
        by_both[who, line.place_id].append(line)
    rows = {("", ""): _commonest([line for _, line in priced])[0]}
    for who, group in sorted(by_provider.items()):
        rate, _ = _commonest(group)
        if rate != rows["", ""]:
            rows[who, ""] = rate
    rates = Rates(rows)
    for (who, place), group in sorted(by_both.items()):
        rate, count = _commonest(group)
        if rate != rates.of(who, "") and count >= LEAST_LINES and count * 2 > len(group):
            rows[who, place] = rate
    odd = [line for who, line in priced if line.rate != rates.of(who, line.place_id)]
    silent = [line for _, line in placed if line.rate is None]
    return Rates(rows, _rows(odd), _rows(silent))


def _commonest(lines: Sequence[Line]) -> tuple[int, int]:
    """The rate on most lines, of equals the lower, and on how many it stands."""
    counts = Counter(line.rate for line in lines if line.rate is not None)
    rate = min(counts, key=lambda rate: (-counts[rate], rate))
    return rate, counts[rate]


def _rows(lines: Iterable[Line]) -> tuple[int, ...]:
    return tuple(sorted(line.row.number for line in lines))
