"""The lots model as the registry sees it."""

from __future__ import annotations

from fractions import Fraction

from allocate.card import read_card
from allocate.errors import Fault
from allocate.lots.answers import answer_tables
from allocate.lots.choices import CHOICES, chosen, find, force, options
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
from allocate.lots.disclosed import disclosed
from allocate.lots.drawing import drawings
from allocate.lots.explain import explain
from allocate.lots.figures import figures, overview
from allocate.lots.formulation import formulate
from allocate.lots.inputs import floors, held, points
from allocate.lots.instance import ALWAYS_HARD, Instance, build
from allocate.lots.no_study import no_study
from allocate.lots.parts import STEPS, UNITS, parts
from allocate.lots.review import broken, review
from allocate.lots.shocks import shocks
from allocate.lots.solution import chosen_columns, read_plan, read_solution
from allocate.lots.words import summarise
from allocate.price_list import PriceList
from allocate.study.scenario import LevelWords, Question

FREE_TO_CHANGE = tuple(rule for rule in read_card("lots").rules if rule not in ALWAYS_HARD)
PLAN = {"lots": ("cell_id", "lot_id")}


def least_at(instance: Instance, level: LevelWords, prices: PriceList) -> Fraction | None:
    """Return the least that prices prove a level to come to: lots have no prices that do."""
    return None


def price_faults(instance: Instance, question: Question) -> list[Fault]:
    """Find prices that make doing harm worth while: no price of lots leaves anybody out."""
    return []
