"""A question by itself: its scenario's changes made in the case, so that others can follow."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from allocate.asked import Asked, prepare
from allocate.card import read_card
from allocate.files.target import written_whole
from allocate.returning import write_case


def by_itself(asked: Asked, folder: Path) -> Asked:
    """Write the case as the question has it, and ask of that; cells may be changed once only.

    Last levels of staff time are left out: to prove those to the minute takes most of a run.

    Parameters
    ----------
    asked
        The question.
    folder
        Where the case goes; what an earlier run of a study wrote there is written anew.
    """
    terms = read_card(asked.question.model).terms
    levels = list(asked.question.levels)
    while len(levels) > 1 and {terms[t].kind for t in levels[-1].terms} == {"staff time"}:
        levels.pop()
    question = replace(asked.question, levels=tuple(levels))
    if question.changes:
        shutil.rmtree(folder, ignore_errors=True)  # an earlier run may have been of another answer
        with written_whole(folder) as unfinished:
            write_case(asked.tables, unfinished)
        question = replace(question, case=folder.resolve(), changes=())
    return prepare(question)
