"""The home care model as the registry sees it."""

from allocate.homecare.choices import CHOICES, chosen, find, force, options
from allocate.homecare.conflict_heart import also_short, falls_short, heart_words
from allocate.homecare.conflict_words import conflict_words
from allocate.homecare.disclosed import disclosed
from allocate.homecare.earlier import PLAN, chosen_columns
from allocate.homecare.explain import explain
from allocate.homecare.figures import figures, overview
from allocate.homecare.formulation import formulate
from allocate.homecare.inputs import floors, held, points
from allocate.homecare.instance import build
from allocate.homecare.least import least_at
from allocate.homecare.named import FREE_TO_CHANGE, LOOKED_AT_LAST, told
from allocate.homecare.parts import STEPS, UNITS, parts
from allocate.homecare.prices import price_faults
from allocate.homecare.review import broken, review
from allocate.homecare.solution import answer_tables, read_plan, read_solution
from allocate.homecare.studies import firm, no_study
from allocate.homecare.way_out_words import doubtful, plan_words, way_out_words
from allocate.homecare.words import summarise
