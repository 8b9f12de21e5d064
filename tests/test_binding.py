"""One word, one meaning: card, formulation, review, page and house hold together."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from allocate import registry
from allocate.card import models, read_card, shipped
from allocate.homecare import pairs, reasons
from allocate.registry import Model

SOURCE = Path(pairs.__file__).parents[1]
SOLVERS = {"highspy", "ortools", "pulp"}
# What judges a plan or a bound has never seen the program.
APART = {
    "homecare": {
        *("review", "review_hours", "review_leads", "review_people", "plan", "least", "proof"),
        *("lifted", "packing", "packing_prices", "knapsack"),
        *("charges", "row_prices", "lead_choice", "pairs", "blocks", "whole"),
    },
    "beds": {"review", "recount"},
    "lots": {"award_review", "review"},
}
MODELS = sorted(APART)


@pytest.mark.parametrize("model", MODELS)
def test_every_rule_stands_everywhere(model: str) -> None:
    """A rule of the card has its rows, its measure and its heading, and none stands alone."""
    rules, review = (import_module(f"allocate.{model}.{name}") for name in ("rules", "review"))
    card = list(read_card(model).rules)
    page = shipped("models", model, "formulation.md").read_text(encoding="utf-8")
    assert list(rules.RULES) == list(review.MEASURES) == card
    assert re.findall(r"^### `(\w+)`", page, re.MULTILINE) == card


def test_every_pair_rule_has_its_reason() -> None:
    """A rule that bars single pairs has words for what it has against one."""
    assert tuple(reasons.WORDS) == pairs.PAIR_RULES


@pytest.mark.parametrize("model", MODELS)
def test_every_term_stands_everywhere(model: str) -> None:
    """A term of the card has its row in the page's table, and is recounted by the review."""
    card = read_card(model)
    page = shipped("models", model, "formulation.md").read_text(encoding="utf-8")
    assert [term for term in card.terms if f"| `{term}` |" not in page] == []
    assert {*card.levels, *card.priced} <= set(card.terms)
    assert card.levels or card.priced


def test_every_model_is_bound() -> None:
    """No model with a card is left out of these tests."""
    assert list(models()) == MODELS


@pytest.mark.parametrize("model", MODELS)
def test_a_model_offers_all_that_the_registry_looks_up(model: str) -> None:
    """What the house asks of a model is there in each of them."""
    asked = {name for name in (*vars(Model), *Model.__annotations__) if not name.startswith("_")}
    found = registry.model(model)
    if not found.PLAN:  # nothing starts from an earlier answer
        asked.remove("chosen_columns")
    assert sorted(name for name in asked if not hasattr(found, name)) == []


def test_every_default_is_allowed() -> None:
    """The card's own defaults keep to the card's own bounds."""
    for model in models():
        card = read_card(model)
        for parameter in card.parameters.values():
            assert parameter.default is None or parameter.fault(parameter.default) is None
        for rule in card.rules.values():
            assert rule.value is None or rule.quantity.fault(rule.value) is None
            assert rule.mode in ("off", "hard", "soft", "report", *rule.modes)
            for option in rule.options.values():
                assert option.fault(option.default) is None


def imported(path: Path) -> set[str]:
    """Names of the modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_the_house_keeps_its_walls(path: Path) -> None:
    """A model never imports a solver, the core never imports a model, neither imports reports."""
    room = path.relative_to(SOURCE).parts[0]
    names = imported(path)
    if room != "core":
        assert not {name.split(".")[0] for name in names} & SOLVERS
    if room == "core":
        outside = (
            *(f"allocate.{model}" for model in models()),
            *("allocate.report", "allocate.study", "allocate.tables"),
        )
        assert not [name for name in names if name.startswith(outside)]
    if room in models():
        assert not [name for name in names if name.startswith("allocate.report")]
    if path.stem in APART.get(room, ()):
        own = ("formulation", "rules", "winter_program", "prices", "yields")
        programs = ("allocate.core", *(f"allocate.{room}.{name}" for name in own))
        assert not [name for name in names if name.startswith(programs)]
