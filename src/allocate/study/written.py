"""A question written back as a scenario file that stands alone: nothing extended, all settings."""

from __future__ import annotations

from typing import Any

import tomli_w

from allocate.card import read_card
from allocate.study.scenario import Limits, Question


def as_toml(question: Question, case: str, limits: Limits) -> str:
    """Write a question so that ``allocate solve`` reads the same question again.

    A rule that has no value yet binds nothing, and is left to its default.

    Parameters
    ----------
    question
        The question, resolved.
    case
        Where its case stands, as seen from the file.
    limits
        Limits in place of the question's.
    """
    card = read_card(question.model)
    objective: dict[str, Any] = {"allow_waiting_to_save": question.allow_waiting_to_save}
    if question.priced:
        objective["priced"] = dict(question.levels[0].terms)
    else:
        objective["levels"] = [level.model_dump() for level in question.levels]
    written = {
        "question": question.text,
        "case": case,
        "model": question.model,
        "objective": objective,
        "limits": limits.model_dump(exclude_none=True),
        "parameters": {k: v for k, v in question.parameters.items() if v is not None},
        "rules": {
            rule: {
                "mode": setting.mode,
                "price": setting.price,
                **({} if setting.value is None else {"value": setting.value}),
                **setting.options,
            }
            for rule, setting in question.rules.items()
            if setting.value is not None or not card.rules[rule].takes_value
        },
        "change": [
            change.model_dump(mode="json", exclude_defaults=True) for change in question.changes
        ],
    }
    return tomli_w.dumps(written)
