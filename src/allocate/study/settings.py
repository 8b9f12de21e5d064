"""A question resolved against its card: each rule, parameter and level as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocate.card import Card, Quantity, Rule, models, read_card, shipped
from allocate.cells import Unreadable, number
from allocate.errors import BadInput, Fault, nearest
from allocate.files.reading import is_case
from allocate.study.scenario import LevelWords, Objective, Question, ScenarioFile, Setting
from allocate.tables import Tables


def resolved(name: str, written: ScenarioFile, path: Path, base: Path) -> Question:
    """Resolve a scenario as written against its card, every default filled in.

    Parameters
    ----------
    name
        Name of the scenario.
    written
        The scenario, what it extends already laid below it.
    path
        File that faults name.
    base
        Folder from which its case is found.

    Raises
    ------
    BadInput
        With every fault found.
    """
    if written.model not in models():
        value = f'model = "{written.model}"'
        fault = Fault.unknown(str(path), value, "model", written.model, models())
        raise BadInput(str(path), [fault])
    card = read_card(written.model)
    faults: list[Fault] = []
    rules = _settings(card, written.rules, path, faults)
    parameters = _parameters(card, written.parameters, path, faults)
    objective = written.objective
    if objective.levels is None and objective.priced is None and card.priced:
        objective = objective.model_copy(update={"priced": card.priced})
    levels = _levels(card, objective, path, faults)
    case = find_case(written.case, base) if written.case else None
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
        faults.append(Fault.unknown(place, f'key "{key}"', "key", key, known))
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
                faults.append(Fault.unknown(place, f'"{term}"', "term", term, card.terms))
            elif problem := Quantity(minimum=0, maximum=1e9, step="thousandth").fault(weight):
                faults.append(Fault(place, f"{term} = {weight}", problem, "Correct the weight"))
    return tuple(levels)


def find_case(name: str, base: Path) -> str | None:
    """Find a case: as a path from the scenario in ``base``, from here, or among those shipped."""
    for path in (base / name, Path(name), shipped("scenarios", "cases", name)):
        if is_case(path):
            return str(path)
    return None


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
