"""The home care model as the registry sees it."""

from allocate.homecare.explain import explain
from allocate.homecare.figures import figures, overview
from allocate.homecare.formulation import formulate
from allocate.homecare.instance import build
from allocate.homecare.prices import price_faults
from allocate.homecare.review import review
from allocate.homecare.solution import answer_tables, read_plan, read_solution
from allocate.homecare.words import conflict_words, summarise

__all__ = [
    "answer_tables",
    "build",
    "conflict_words",
    "explain",
    "figures",
    "formulate",
    "overview",
    "price_faults",
    "read_plan",
    "read_solution",
    "review",
    "summarise",
]
