"""The lots model as the registry sees it."""

from __future__ import annotations

from fractions import Fraction

from allocate.errors import Fault
from allocate.lots.answers import answer_tables
from allocate.lots.conflict_words import (
    LOOKED_AT_LAST,
    also_short,
    conflict_words,
    doubtful,
    falls_short,
    heart_words,
    plan_words,
    told,
    way_out_words,
    why_none,
)
from allocate.lots.drawing import drawings
from allocate.lots.explain import explain
from allocate.lots.figures import figures, overview
from allocate.lots.formulation import formulate
from allocate.lots.instance import Instance, build
from allocate.lots.parts import STEPS, UNITS, parts
from allocate.lots.review import broken, review
from allocate.lots.solution import chosen_columns, read_plan, read_solution
from allocate.lots.words import summarise
from allocate.price_list import PriceList
from allocate.study.scenario import LevelWords, Question

PLAN = {"lots": ("cell_id", "lot_id")}
# Rules that are counted lot by lot; without the others the lots would be listed otherwise.
FREE_TO_CHANGE = ("value_limits", "enough_bidders", "kept_together")


def least_at(instance: Instance, level: LevelWords, prices: PriceList) -> Fraction | None:
    """Return the least that prices prove a level to come to: lots have no prices that do."""
    return None


def price_faults(instance: Instance, question: Question) -> list[Fault]:
    """Find prices that make doing harm worth while: no price of lots leaves anybody out."""
    return []
