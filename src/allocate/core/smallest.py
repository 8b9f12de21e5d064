"""The part of some items that cannot hold together and of which none can be left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def smallest(
    items: Sequence[Item],
    impossible: Callable[[Sequence[Item]], bool],
    beside: Sequence[Item] = (),
) -> list[Item]:
    """Find an irreducible set by halves: QuickXplain of U. Junker (2004).

    Parameters
    ----------
    items
        Items that together are impossible; where there is a choice, earlier ones are named.
    impossible
        Whether some items are proven to be impossible together. It may say no for want of proof:
        then more is kept than is needed, and never less.
    beside
        Items that stand while the others are looked at, and are looked at last.

    Returns
    -------
    list
        Items that are impossible together; ``beside`` comes first, else in the order given.
    """
    needed = _smallest(list(beside), bool(beside), list(items), impossible)
    if not beside:
        return needed
    return [*_smallest(needed, bool(needed), list(beside), impossible), *needed]


def _smallest(
    kept: list[Item],
    fresh: bool,
    items: list[Item],
    impossible: Callable[[Sequence[Item]], bool],
) -> list[Item]:
    """Find what of ``items`` is needed beside ``kept``; ``fresh`` where that has grown."""
    if not items or (fresh and impossible(kept)):
        return []
    if len(items) == 1:
        return items
    half = len(items) // 2
    first, second = items[:half], items[half:]
    of_second = _smallest([*kept, *first], True, second, impossible)
    of_first = _smallest([*kept, *of_second], bool(of_second), first, impossible)
    return [*of_first, *of_second]
