"""Which studies can be made of an answer: where one has no meaning, its model says why."""

from __future__ import annotations

from pathlib import Path

from allocate.answered import Answered, read_answer
from allocate.asked import Asked
from allocate.errors import BadInput, Fault


def answer_for(folder: str | Path, study: str) -> Answered:
    """Read a result folder for a study.

    Parameters
    ----------
    folder
        A result folder.
    study
        Name of its command, such as ``through``.

    Raises
    ------
    BadInput
        Where it is no result with a plan, or the study has no meaning for it.
    """
    answered = read_answer(folder)
    check_meaning(answered.asked, str(folder), study)
    return answered


def check_meaning(asked: Asked, where: str, study: str) -> None:
    """Refuse a study that has no meaning for a question.

    Parameters
    ----------
    asked, where
        The question, and where it stands.
    study
        Name of the command.

    Raises
    ------
    BadInput
        With the reason, and what to ask instead.
    """
    why = asked.model.no_study(asked.instance, study)
    if why:
        problem, remedy = why
        text = f"`allocate {study}` has no meaning for the model {asked.question.model}: {problem}"
        raise BadInput(where, [Fault(where, "", text, remedy)])
