"""A scenario: one question, written in TOML as small named changes to a base case."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from allocate.card import Card, Quantity, Rule, models, read_card, shipped
from allocate.cells import Unreadable, number
from allocate.errors import BadInput, Fault, nearest
from allocate.files.datapackage import DESCRIPTOR
from allocate.files.reading import case_name, is_case, table_names
from allocate.files.workbook import is_workbook
from allocate.tables import Tables

DEFAULT = "homecare"  # what a question is about that does not say

Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Toml(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Toml):
    """One change to a table: rows chosen by ``where``, then set, scaled or dropped; or rows added.

    ``where`` takes any column of the table or of a table it points to.
    """

    table: str
    where: dict[str, Any] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)
    scale: dict[str, Factor] = Field(default_factory=dict)
    drop: bool = False
    add: list[dict[str, Any]] = Field(default_factory=list)
    because: str = ""


class Limits(_Toml):
    """When to stop, and the seed of everything random."""

    seconds: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    gap: float = Field(default=0.001, ge=0, le=1, allow_inf_nan=False)
    seed: int = Field(default=1, ge=0, lt=2**31)
    work: int | None = Field(default=None, ge=1)


class LevelWords(_Toml):
    """One level of the objective: a weighted sum of terms."""

    name: str
    terms: dict[str, float]


class Objective(_Toml):
    """Levels in order, or one priced sum."""

    levels: list[str | LevelWords] | None = None
    priced: dict[str, float] | None = None
    allow_waiting_to_save: bool = False


class ScenarioFile(_Toml):
    """A scenario as written."""

    question: str = ""
    case: str | None = None
    extends: str | list[str] = Field(default_factory=list)
    model: str = DEFAULT
    objective: Objective = Objective()
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    change: list[Change] = Field(default_factory=list)
    limits: Limits = Limits()


@dataclass(frozen=True)
class Setting:
    """How a rule stands in this question.

    Parameters
    ----------
    mode
        ``off``, ``hard``, ``soft``, ``report``, or ``raise`` where the card allows it.
    value
        Threshold, in the rule's unit; None where the rule has none.
    price
        Points for each unit short, when soft.
    options
        The rule's own options.
    """

    mode: str
    value: float | str | None
    price: float
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def binds(self) -> bool:
        """Whether the rule can change a plan."""
        return self.mode in ("hard", "soft")


@dataclass(frozen=True)
class Question:
    """A scenario resolved against its card: what is asked, with every default filled in.

    Parameters
    ----------
    name
        Name of the scenario.
    text
        The question in words.
    case
        Where the base case stands.
    levels
        The objective, most important first.
    priced
        Whether the one level is a priced sum.
    """

    name: str
    text: str
    model: str
    case: Path
    levels: tuple[LevelWords, ...]
    rules: Mapping[str, Setting]
    parameters: Mapping[str, float | str | None]
    changes: tuple[Change, ...]
    limits: Limits
    priced: bool = False
    allow_waiting_to_save: bool = False


def checked_limits(limits: Limits, given: Mapping[str, float | None]) -> Limits:
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
        faults = [_toml_fault(Path("limits"), dict(item)) for item in error.errors()]
        raise BadInput("the limits given", faults) from error


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
    return _resolved(name, _parsed(path, _over(written, dict(over or {}))), path, base)


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
    return _resolved(name, _parsed(path, {**written, "case": str(case)}), path, case.parent)


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
        written["case"] = _case(written["case"], path.parent) or written["case"]
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
        faults = [_toml_fault(path, dict(item)) for item in error.errors()]
        raise BadInput(str(path), faults) from error


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


def _toml_fault(path: Path, error: dict[str, Any]) -> Fault:
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
        close = nearest(steps[-1], owner.model_fields)
        known = ", ".join(owner.model_fields)
        return Fault(place, f'key "{key}"', f"no such key{close}", f"Use one of: {known}")
    expected = next((text for kind, text in TYPES.items() if error["type"].startswith(kind)), "")
    message = str(error["msg"])
    problem = expected or message[0].lower() + message[1:]
    return Fault(place, f'key "{key}" = "{error["input"]}"', problem, "Correct the value")


def _case(name: str, base: Path) -> str | None:
    """Find a case: as a path from the scenario, from here, or among those shipped."""
    for path in (base / name, Path(name), shipped("scenarios", "cases", name)):
        if is_case(path):
            return str(path)
    return None


def _resolved(name: str, written: ScenarioFile, path: Path, base: Path) -> Question:
    if written.model not in models():
        problem = f"no such model{nearest(written.model, models())}"
        remedy = f"Use one of: {', '.join(models())}"
        fault = Fault(str(path), f'model = "{written.model}"', problem, remedy)
        raise BadInput(str(path), [fault])
    card = read_card(written.model)
    faults: list[Fault] = []
    rules = _settings(card, written.rules, path, faults)
    parameters = _parameters(card, written.parameters, path, faults)
    objective = written.objective
    if objective.levels is None and objective.priced is None and card.priced:
        objective = objective.model_copy(update={"priced": card.priced})
    levels = _levels(card, objective, path, faults)
    case = _case(written.case, base) if written.case else None
    if case is None:
        known = sorted(item.name for item in shipped("scenarios", "cases").iterdir())
        problem = f"no such case{nearest(str(written.case or ''), known)}"
        remedy = f"Give case a folder, a workbook, or one of: {', '.join(known)}"
        faults.append(Fault(str(path), f'case = "{written.case or ""}"', problem, remedy))
    if faults:
        raise BadInput(str(path), faults)
    return Question(
        name=name,
        text=written.question or name.replace("_", " "),
        model=written.model,
        case=Path(str(case)),
        levels=levels,
        rules=rules,
        parameters=parameters,
        changes=tuple(written.change),
        limits=written.limits,
        priced=objective.priced is not None,
        allow_waiting_to_save=objective.allow_waiting_to_save,
    )


def _settings(
    card: Card, written: Mapping[str, dict[str, Any]], path: Path, faults: list[Fault]
) -> dict[str, Setting]:
    for rule_id in written.keys() - card.rules.keys():
        close = nearest(rule_id, card.rules)
        remedy = f"`allocate rules {card.id}` lists them"
        faults.append(Fault(str(path), f"[rules.{rule_id}]", f"no such rule{close}", remedy))
    return {
        rule_id: _setting(f"{path} [rules.{rule_id}]", rule, written.get(rule_id, {}), faults)
        for rule_id, rule in card.rules.items()
    }


def _setting(place: str, rule: Rule, written: dict[str, Any], faults: list[Fault]) -> Setting:
    def accept(key: str, quantity: Quantity, default: Any) -> Any:
        value = written.get(key, default)
        if value is None and key not in written:
            return None
        if problem := quantity.fault(value):
            faults.append(Fault(place, f'{key} = "{value}"', problem, "Correct the value"))
        return value

    known = ["mode", "value", "price", *rule.options]
    for key in written.keys() - set(known):
        remedy = f"Use one of: {', '.join(known)}"
        faults.append(Fault(place, f'key "{key}"', f"no such key{nearest(key, known)}", remedy))
    if "value" in written and not rule.takes_value:
        faults.append(Fault(place, 'key "value"', "the rule has no threshold", "Leave it out"))
    mode = str(written.get("mode", rule.mode))
    mode = rule.aliases.get(mode, mode)
    modes = ("off", "hard", "soft", "report", *rule.modes)
    if mode not in modes:
        known_modes = ", ".join([*modes, *rule.aliases])
        faults.append(
            Fault(place, f'mode = "{mode}"', "no such mode", f"Use one of: {known_modes}")
        )
    value = accept("value", rule.quantity, rule.value) if rule.takes_value else None
    if rule.takes_value and value is None and written.get("mode", "off") != "off":
        faults.append(Fault(place, f'mode = "{mode}"', "the rule has no value yet", "Give value"))
    price = accept("price", Quantity(minimum=0, maximum=1e6), rule.price)
    options = {key: accept(key, words, words.default) for key, words in rule.options.items()}
    if not faults and options.get("minimum", 0) > options.get("maximum", float("inf")):
        value = f"minimum = {options['minimum']}, maximum = {options['maximum']}"
        faults.append(Fault(place, value, "minimum is above maximum", "Raise maximum too"))
    return Setting(mode, value, price, options)


def _parameters(
    card: Card, written: Mapping[str, Any], path: Path, faults: list[Fault]
) -> dict[str, float | str | None]:
    place = f"{path} [parameters]"
    for key, value in written.items():
        if key not in card.parameters:
            close = nearest(key, card.parameters)
            remedy = f"`allocate rules {card.id}` lists them"
            faults.append(Fault(place, f'key "{key}"', f"no such parameter{close}", remedy))
        elif problem := card.parameters[key].fault(value):
            faults.append(Fault(place, f'{key} = "{value}"', problem, "Correct the value"))
    return dict(written)


def _levels(
    card: Card, written: Objective, path: Path, faults: list[Fault]
) -> tuple[LevelWords, ...]:
    if written.priced is not None:
        levels = [LevelWords(name="priced sum", terms=written.priced)]
    else:
        named = list(card.levels) if written.levels is None else written.levels
        levels = [
            LevelWords(name=item, terms={item: 1.0}) if isinstance(item, str) else item
            for item in named
        ]
    place = f"{path} [objective]"
    if written.priced is not None and written.levels is not None:
        faults.append(Fault(place, "levels, priced", "are both given", "Keep one of them"))
    if not levels or any(not level.terms for level in levels):
        faults.append(Fault(place, "", "has a level without a term", "Name a term in each level"))
    for level in levels:
        for term, weight in level.terms.items():
            if term not in card.terms:
                close = nearest(term, card.terms)
                remedy = f"Use one of: {', '.join(card.terms)}"
                faults.append(Fault(place, f'"{term}"', f"no such term{close}", remedy))
            elif problem := Quantity(minimum=0, maximum=1e9, step="thousandth").fault(weight):
                faults.append(Fault(place, f"{term} = {weight}", problem, "Correct the weight"))
    return tuple(levels)


def effective_parameters(
    question: Question, tables: Tables
) -> tuple[dict[str, float | str | None], list[Fault]]:
    """Lay the scenario's parameters over the case's, and both over the card's.

    Returns
    -------
    tuple
        The values, and the faults of parameters.csv: an unknown parameter, or a value that it may
        not have, in place of which the card's stands.
    """
    card = tables.card
    values: dict[str, float | str | None] = {
        key: parameter.default for key, parameter in card.parameters.items()
    }
    faults: list[Fault] = []
    for line, row in tables["parameters"].iterrows():
        key, text = str(row["parameter_id"]), str(row["value"])
        place = f"parameters.csv {line}"
        if key not in card.parameters:
            if any(key in read_card(other).parameters for other in models()):
                continue  # a case may serve several models
            problem = f"no such parameter{nearest(key, card.parameters)}"
            remedy = f"`allocate rules {card.id}` lists them"
            faults.append(Fault(place, f'parameter_id = "{key}"', problem, remedy))
            continue
        words = card.parameters[key]
        typed: float | str = text if words.enum else _as_number(text)
        if wrong := words.fault(typed):
            faults.append(Fault(place, f'{key} = "{text}"', wrong, "Correct the value"))
        else:
            values[key] = typed
    return values | dict(question.parameters), faults


def _as_number(text: str) -> float | str:
    try:
        return number(text)
    except Unreadable:
        return text
