"""Public instances of winner determination in combinatorial auctions.

Plain text as of CATS (K. Leyton-Brown, M. Pearson, Y. Shoham, 2000): lines that begin with % mean
nothing; ``goods G``, ``bids N``, ``dummy D``; then a line a bid: its id, its price, the numbers of
its goods, and ``#``. Goods from G on are dummies, which make bids of one bidder exclude each other.
No good is sold twice, none has to be sold, and the sum of prices is maximised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor, lcm
from pathlib import Path

import numpy as np
from scipy import sparse

from allocate.core.set_packing import solve_set_packing
from allocate.errors import Fault
from allocate.public.answer import PublicAnswer, rejected
from allocate.public.numbers import broken, words_of

FORMAT = "goods, bids and dummy, then a line a bid: id, price, goods, and # at its end"
SIZES = ("goods", "bids", "dummy")
PRICE = re.compile(r"\d{1,12}(\.\d{0,6}0*)?(e[+-]?\d\d)?")
LARGEST = 10**14  # steps of all prices together: floats are exact up to there
SURE = Fraction(1, 10**7)  # what floats of a solver are trusted to, relative
MOST = 10_000  # bids, as each pair of them is looked at


@dataclass(frozen=True)
class WdpInstance:
    """An auction.

    Parameters
    ----------
    name
        Of its file.
    ids
        Of bids, as in the file.
    prices
        Of bids, exact.
    goods
        Of each bid.
    size
        Goods and dummies there are.
    """

    name: str
    ids: tuple[int, ...]
    prices: tuple[Fraction, ...]
    goods: tuple[tuple[int, ...], ...]
    size: int

    def faults(self, won: list[int]) -> list[str]:
        """Say which goods some bids, by id, hold twice, and which ids are none."""
        known = dict(zip(self.ids, self.goods, strict=True))
        if len(set(won)) < len(won) or not set(won) <= set(known):
            return ["a bid that there is not, or one twice"]
        sold = sorted(good for bid in won for good in known[bid])
        twice = {one for one, other in pairwise(sold) if one == other}
        return [f"good {good} is sold twice" for good in sorted(twice)]

    def value(self, won: list[int]) -> Fraction:
        """Add up what some bids, by id, pay."""
        known = dict(zip(self.ids, self.prices, strict=True))
        return sum((known[bid] for bid in won), Fraction())


def read_wdp(path: Path) -> WdpInstance:
    """Read an instance.

    Raises
    ------
    BadInput
        Where the file is none, with every line that cannot be read.
    """
    lines: dict[int, list[str]] = {}
    for at, word in words_of(path, FORMAT):
        lines.setdefault(at, []).append(word)
    lines = {at: words for at, words in lines.items() if not words[0].startswith("%")}
    heads = {at: words for at, words in lines.items() if words[0] in SIZES}
    sizes, faults = _sizes(path, heads)
    bids = {at: words for at, words in lines.items() if at not in heads}
    size = sizes.get("goods", 0) + sizes.get("dummy", 0)
    for at, words in bids.items():
        problem = _problem(words, size)
        if problem:
            shown = f'"{" ".join(words)[:40]}"'
            faults.append(Fault(f"{path.name} line {at}", shown, problem, f"It holds {FORMAT}"))
    if not faults and len(bids) != sizes["bids"]:
        problem = f"has {len(bids):,} lines of bids, where {sizes['bids']:,} belong"
        faults.append(Fault(path.name, "", problem, f"It holds {FORMAT}"))
    faults += [] if faults else _whole_faults(path, bids)
    if faults:
        raise broken(path, faults)
    return WdpInstance(
        path.name,
        tuple(int(words[0]) for words in bids.values()),
        tuple(Fraction(words[1]) for words in bids.values()),
        tuple(tuple(int(word) for word in words[2:-1]) for words in bids.values()),
        size,
    )


def _sizes(path: Path, heads: dict[int, list[str]]) -> tuple[dict[str, int], list[Fault]]:
    """Read how many goods, bids and dummies there are."""
    sizes: dict[str, int] = {"dummy": 0}
    faults = []
    for at, words in heads.items():
        if len(words) == 2 and words[1].isdigit() and len(words[1]) < 10:
            sizes[words[0]] = int(words[1])
        else:
            problem = f"does not say how many {words[0]} there are"
            shown = f'"{" ".join(words)[:40]}"'
            faults.append(Fault(f"{path.name} line {at}", shown, problem, f"It holds {FORMAT}"))
    for name in SIZES:
        if name not in sizes and not faults:
            problem = f"has no line that says how many {name} there are"
            faults.append(Fault(path.name, "", problem, f"It holds {FORMAT}"))
    if sizes.get("bids", 0) > MOST:
        problem = f"has more than {MOST:,} bids"
        faults.append(Fault(path.name, f"bids {sizes['bids']}", problem, "Take a smaller auction"))
    return sizes, faults


def _problem(words: list[str], size: int) -> str:
    """Say what is wrong with the line of a bid; empty where nothing is."""
    if len(words) < 4 or words[-1] != "#":
        return "is no bid: it has no id, no price, no goods or no # at its end"
    if not words[0].isdigit() or len(words[0]) > 9:
        return "begins with no whole number as its id"
    if words[1].startswith("-"):
        return "has a negative price"
    if not PRICE.fullmatch(words[1]):
        return "has a price that is no number of at most twelve digits, and six after the point"
    goods = words[2:-1]
    if not all(word.isdigit() and len(word) < 10 and int(word) < size for word in goods):
        return f"has a good that is no whole number below {size:,}"
    if len({int(word) for word in goods}) < len(goods):
        return "lists a good twice"
    return ""


def _whole_faults(path: Path, bids: dict[int, list[str]]) -> list[Fault]:
    """Find ids that two bids have, and prices that are too large together."""
    seen: dict[int, int] = {}
    faults = []
    for at, words in bids.items():
        first = seen.setdefault(int(words[0]), at)
        if first != at:
            problem = f"is the id of line {first} too"
            place = f"{path.name} line {at}"
            faults.append(Fault(place, words[0], problem, "Give each bid an id of its own"))
    prices, _ = _steps([Fraction(words[1]) for words in bids.values()])
    if sum(prices) > LARGEST:
        problem = f"comes to more than {LARGEST:,} steps of its finest price"
        faults.append(Fault(path.name, "", problem, "Round it to fewer digits"))
    return faults


def _steps(prices: list[Fraction]) -> tuple[list[int], int]:
    """Turn prices into whole steps, and say how many steps make one."""
    per = lcm(*(price.denominator for price in prices))
    return [int(price * per) for price in prices], per


def solve_file(path: Path, seconds: float, seed: int) -> PublicAnswer:
    """Read an instance, solve it, and recount the answer.

    Raises
    ------
    BadInput
        Where the file is no instance.
    ReviewFailed
        Where the answer sells a good twice, or the bound lies below it.
    """
    instance = read_wdp(path)
    sizes = [len(goods) for goods in instance.goods]
    columns = np.array([good for goods in instance.goods for good in goods], dtype=np.int64)
    ones = np.ones(len(columns), dtype=np.int64)
    shape = (len(sizes), instance.size)
    holds = sparse.csr_matrix((ones, columns, np.cumsum([0, *sizes])), shape=shape)
    prices, per = _steps(list(instance.prices))
    found, most = solve_set_packing(holds, np.array(prices), seconds=seconds, seed=seed)
    won = [instance.ids[at] for at in found.tolist()]
    faults = instance.faults(won)
    value = instance.value(won) if not faults else Fraction()
    bound = Fraction(floor(most), per)
    if not faults and bound < value * (1 - SURE):
        faults = [f"the bound {float(bound)} lies below the answer, {float(value)}"]
    if faults:
        raise rejected(faults)
    return PublicAnswer(float(value), float(max(bound, value)), won, largest=True)
