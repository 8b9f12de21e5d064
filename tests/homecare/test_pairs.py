"""Pairs of packages and providers, listed without a table of all of both."""

from __future__ import annotations

import numpy as np
import pytest

from allocate.asked import prepare
from allocate.homecare.pairs import listed_pairs, open_pairs


@pytest.mark.parametrize("where", ["leads_hand_back", "one_leaves", "as_is", "single_provider"])
def test_the_list_holds_what_the_table_holds(where: str) -> None:
    """The list has the pairs of the table, in the same order, whoever left or handed back."""
    instance = prepare(where).instance
    for listed, found in zip(listed_pairs(instance), np.nonzero(open_pairs(instance)), strict=True):
        assert np.array_equal(listed, found)
