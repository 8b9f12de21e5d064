"""What is wrong with a scenario as written, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from allocate.errors import Fault
from allocate.study.scenario import Change, LevelWords, Limits, Objective, ScenarioFile

KEYS: dict[str, type[BaseModel]] = {
    "change": Change,
    "limits": Limits,
    "objective": Objective,
    "levels": LevelWords,
}


# What pydantic's kinds of error mean, in words.
TYPES = {
    "float_": "must be a number",
    "int_": "must be a whole number",
    "bool_": "must be true or false",
    "string_": "must be text",
    "list_": "must be a list: write [[change]] or [ ... ]",
    "dict_": "must be a table of keys",
    "model_": "must be a table of keys",
    "greater_than": "is too small",
    "less_than": "is too large",
    "finite_number": "must be a finite number",
}


def toml_fault(path: Path, error: dict[str, Any]) -> Fault:
    """Put a pydantic error into words."""
    steps = [str(step) for step in error["loc"]]
    place = str(path)
    if steps[0] == "change" and len(steps) > 2:
        place = f"{path} [[change]] {int(steps[1]) + 1}"
        key = ".".join(steps[2:])
    else:
        key = ".".join(steps)
    if error["type"] == "extra_forbidden":
        owner = next((KEYS[step] for step in reversed(steps[:-1]) if step in KEYS), ScenarioFile)
        return Fault.unknown(place, f'key "{key}"', "key", steps[-1], owner.model_fields)
    expected = next((text for kind, text in TYPES.items() if error["type"].startswith(kind)), "")
    message = str(error["msg"])
    problem = expected or message[0].lower() + message[1:]
    return Fault(place, f'key "{key}" = "{error["input"]}"', problem, "Correct the value")
