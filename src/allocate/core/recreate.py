"""Ruin and recreate: give up some of what a plan regrets, and make it anew from there.

What a linear program has and a good plan has are mostly the same; where they differ, the plan paid
for being whole. Some of these groups, the most regretted first, go back to what the program has
(as in relaxation induced neighbourhoods, Danna, Rothberg & Le Pape 2005), and the search makes the
plan fit again (Shaw 1998; Schrimpf et al. 2000).
"""

from __future__ import annotations

import numpy as np

from allocate.core.search import Field, Search
from allocate.units import Ints

GIVEN_UP = 0.5  # of the most regretted groups
RELIEVED = 0.5  # of tries: else chains of exchanges see to what is overfull


def recreate(field: Field, search: Search, suggested: Ints, seed: int) -> float:
    """Try once; return by how much the field's plan is better, nought where it stays.

    Parameters
    ----------
    field, search
        What is searched, and how.
    suggested
        Option of each group that the linear program has most of, (G,).
    seed
        Of everything random.
    """
    random, before, value = np.random.default_rng(seed), field.choice.copy(), field.value
    loss = np.where(field.frozen, 0.0, field.regret[before] - field.regret[suggested])
    paid = np.flatnonzero(loss > 0)
    if not len(paid):
        return 0.0
    few = int((len(paid) + 1) ** random.random())  # as often one or two as half of them or all
    worst = paid[np.argsort(-loss[paid], kind="stable")[:few]]
    back = worst[random.random(len(worst)) < GIVEN_UP] if few > 1 else worst
    choice = before.copy()
    choice[back] = suggested[back]
    field.choose(choice)
    if random.random() < RELIEVED:
        field.relieve()
    search.run(seed)
    gained = value - field.value
    if gained <= 0:
        field.choose(before)
    return max(0.0, gained)
