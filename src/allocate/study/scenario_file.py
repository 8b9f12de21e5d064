"""Scenario files: found, read in TOML over what they extend, and the cases that they name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allocate.card import models, read_card, shipped
from allocate.errors import BadInput, Fault, nearest
from allocate.files.datapackage import DESCRIPTOR
from allocate.files.reading import case_name, is_case, table_names
from allocate.files.workbook import is_workbook
from allocate.study.scenario import DEFAULT, Limits, Question, ScenarioFile
from allocate.study.settings import find_case, resolved
from allocate.study.toml_fault import toml_fault


def read_scenario(where: str | Path, over: Mapping[str, Any] | None = None) -> Question:
    """Read a scenario file, a shipped scenario by name, or a case with all defaults.

    Parameters
    ----------
    where
        Path of a TOML file or of a case (a folder, a workbook or a data package), or the name of a
        shipped scenario or case.
    over
        What is laid over it, written as in a file that extends it.

    Returns
    -------
    Question
        The question.

    Raises
    ------
    BadInput
        With every fault found: unknown keys, unknown rules, values out of bounds.
    """
    path = Path(where)
    # A bare name is a shipped scenario first: a result folder may well be called after it.
    named = any(shipped("scenarios", model, f"{where}.toml").is_file() for model in models())
    case = next((f for f in (path, shipped("scenarios", "cases", str(where))) if is_case(f)), None)
    if case is not None and not named:
        path = base = case.resolve()
        name = case_name(path)
        question = f"What is best in {name}?"
        written = {"case": str(path), "question": question, "model": model_of(path)}
    else:
        path = _find(str(where), Path())
        written, base, name = _merged(path), path.parent, path.stem
    return resolved(name, _parsed(path, _over(written, dict(over or {}))), path, base)


def question_of(name: str, written: Mapping[str, Any], case: Path) -> Question:
    """Read a question that another one asks on its way, written as a scenario file is.

    Parameters
    ----------
    name
        Name of the scenario.
    written
        Keys and values of the file; ``case`` is left out.
    case
        Where the case stands.

    Raises
    ------
    BadInput
        With every fault found.
    """
    path = Path(f"{name}.toml")
    return resolved(name, _parsed(path, {**written, "case": str(case)}), path, case.parent)


def model_of(case: Path) -> str:
    """Name the model that knows most tables of a case as its own; home care if none knows any."""
    found = table_names(case)
    own = {model: set(read_card(model).tables) - set(read_card(model).shared) for model in models()}
    return max(own, key=lambda model: (len(own[model] & found), model == DEFAULT))


def _find(where: str, folder: Path) -> Path:
    """Find a scenario: as a path, beside another one, or among those shipped."""
    name = where if where.endswith(".toml") else f"{where}.toml"
    tried = [folder / name, *(shipped("scenarios", model) / name for model in models())]
    for path in tried:
        if path.is_file():
            return path
    if is_workbook(Path(where)) or Path(where).name == DESCRIPTOR:
        raise BadInput(where, [Fault(where, "", "no such file", "Name a file that exists")])
    known = [path.stem for model in models() for path in _toml_files(model)]
    problem = f"no such scenario{nearest(Path(name).stem, known)}"
    remedy = f"Name a file, or one of: {', '.join(sorted(known))}"
    raise BadInput(where, [Fault(where, "", problem, remedy)])


def _toml_files(model: str) -> Iterable[Path]:
    return sorted(shipped("scenarios", model).glob("*.toml"))


def _merged(path: Path) -> dict[str, Any]:
    """Read a file over the scenarios that it extends, each of them once."""
    merged: dict[str, Any] = {}
    for written in _lineage(path, (), set()):
        merged = _over(merged, written)
    return merged


def _lineage(path: Path, above: tuple[Path, ...], done: set[Path]) -> Iterator[dict[str, Any]]:
    """List a scenario and what it extends, deepest first."""
    file = path.resolve()
    if file in above:
        fault = Fault(str(path), 'key "extends"', "extends itself", "Break the circle")
        raise BadInput(str(path), [fault])
    if file in done:
        return
    done.add(file)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        fault = Fault(str(path), "", f"cannot be read: {error.strerror}", "Close or free the file")
        raise BadInput(str(path), [fault]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(str(path), "", f"is not TOML: {error}", "Correct the line named")
        raise BadInput(str(path), [fault]) from error
    parents = written.get("extends", [])
    parents = [parents] if isinstance(parents, str) else parents
    if not isinstance(parents, list):
        problem, remedy = "must be a name or a list of names", "Correct the value"
        raise BadInput(str(path), [Fault(str(path), f'extends = "{parents}"', problem, remedy)])
    for parent in parents:
        yield from _lineage(_find(str(parent), path.parent), (*above, file), done)
    if isinstance(written.get("case"), str):
        # A case is found beside the scenario that names it, whoever extends that one.
        written["case"] = find_case(written["case"], path.parent) or written["case"]
    yield written


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one table of settings over another: tables merge, changes add up, the rest replaces."""
    result = dict(below)
    for key, other in (("levels", "priced"), ("priced", "levels")):
        if key in above and other in result and other not in above:
            del result[other]  # the two say one thing in two ways: the one above wins
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _over(result[key], value)
        elif key == "change" and isinstance(value, list) and isinstance(result.get(key), list):
            result[key] = [*result[key], *value]
        else:
            result[key] = value
    return result


def _parsed(path: Path, written: dict[str, Any]) -> ScenarioFile:
    try:
        return ScenarioFile.model_validate(written)
    except ValidationError as error:
        faults = [toml_fault(path, dict(item)) for item in error.errors()]
        raise BadInput(str(path), faults) from error


def checked_limits(limits: Limits, given: Mapping[str, object]) -> Limits:
    """Lay limits given by a caller over a scenario's.

    Raises
    ------
    BadInput
        Where one is out of bounds.
    """
    known = {key: value for key, value in given.items() if value is not None}
    try:
        return Limits.model_validate({**limits.model_dump(), **known})
    except ValidationError as error:
        faults = [toml_fault(Path("limits"), dict(item)) for item in error.errors()]
        raise BadInput("the limits given", faults) from error
