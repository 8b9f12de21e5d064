"""The winter beds model as the registry sees it."""

from allocate.beds.answers import answer_tables
from allocate.beds.certificate import least_at
from allocate.beds.choices import CHOICES, chosen, find, force, options
from allocate.beds.conflict_words import (
    LOOKED_AT_LAST,
    also_short,
    conflict_words,
    doubtful,
    falls_short,
    heart_words,
    plan_words,
    told,
    way_out_words,
)
from allocate.beds.disclosed import disclosed
from allocate.beds.explain import explain
from allocate.beds.figures import figures, overview
from allocate.beds.formulation import formulate
from allocate.beds.inputs import floors, held, points
from allocate.beds.instance import build
from allocate.beds.no_study import no_study
from allocate.beds.parts import STEPS, UNITS, parts
from allocate.beds.read_back import read_plan
from allocate.beds.review import broken, review
from allocate.beds.shocks import shocks
from allocate.beds.solution import read_solution
from allocate.beds.stress import put_to_test
from allocate.beds.variants import FREE_TO_CHANGE
from allocate.beds.words import summarise
from allocate.beds.worth import price_faults

PLAN: dict[str, tuple[str, ...]] = {}  # two stages start from nothing
