"""A model's card as text."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from allocate.card import Card, Rule, models, read_card
from allocate.errors import BadInput, Fault


def render_card(model: str, rule: str | None = None) -> list[str]:
    """Return a card, or one rule of it, as lines.

    Raises
    ------
    BadInput
        Where there is no such model or rule.
    """
    if model not in models():
        raise _unknown("model", model, models())
    card = read_card(model)
    if rule is not None:
        if rule not in card.rules:
            raise _unknown("rule", rule, card.rules)
        return _rule(rule, card.rules[rule])
    lines = [card.title, "", "RULES"]
    for name, words in card.rules.items():
        lines += _rule(name, words)
    return lines + _rest(card)


def _unknown(noun: str, name: str, known: Iterable[str]) -> BadInput:
    fault = Fault.unknown("allocate rules", f'"{name}"', noun, name, known)
    return BadInput("the command line", [fault])


def _rule(name: str, words: Rule) -> list[str]:
    modes = ", ".join(["off", "hard", "soft", "report", *words.modes, *words.aliases])
    value = f", value {words.value}" if words.value is not None else ""
    value = value or (", value to be set" if words.takes_value else "")
    lines = [f"{name}  ({words.kind}; {words.mode}{value}; price {words.price:g} a unit when soft)"]
    lines += _wrapped(f"{words.title}. {words.statement}")
    lines += _wrapped(words.formula)
    lines += [f"    unit: {words.unit}; modes: {modes}"]
    for option, quantity in words.options.items():
        choices = f" (one of {', '.join(quantity.enum)})" if quantity.enum else ""
        lines.append(f"    option {option} = {quantity.default}{choices}")
    return [*lines, *_wrapped(f"If it cannot be met: {words.remedy}"), ""]


def _wrapped(text: str) -> list[str]:
    return wrap(text, 96, initial_indent="    ", subsequent_indent="    ")


def _rest(card: Card) -> list[str]:
    lines = ["TERMS, and the levels they stand in by default: " + " > ".join(card.levels)]
    for name, term in card.terms.items():
        lines += [f"{name}  ({term.kind}; {term.unit})", *_wrapped(term.formula)]
    lines += ["", "PARAMETERS"]
    for name, parameter in card.parameters.items():
        default = "none" if parameter.default is None else parameter.default
        lines.append(f"{name} = {default} {parameter.unit}: {parameter.title}")
    lines += ["", "TABLES"]
    for name, table in card.tables.items():
        need = "needed" if table.required else "optional"
        lines.append(f"{name}.csv ({need}): {table.title}")
        for column in table.fields:
            mark = "*" if column.constraints.required else " "
            unit = f" [{column.unit}]" if column.unit else ""
            lines.append(f"  {mark} {column.name}{unit}: {column.title}")
    return [*lines, "", "* needed in every row"]
