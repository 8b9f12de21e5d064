"""Who wins which lot: the rules on award, stated over bids."""

from __future__ import annotations

from collections.abc import Callable

from allocate.lots.formulation import Draft


def no_bids(draft: Draft) -> None:
    """Nothing to state while there are no bids."""


RULES: dict[str, Callable[[Draft], None]] = dict.fromkeys(
    (
        "one_winner_per_lot",
        "within_capacity",
        "turnover_limit",
        "award_limit",
        "share_limit",
        "winners_range",
        "quality_floor",
        "rate_floor",
        "step_in",
        "sme_share",
    ),
    no_bids,
)
