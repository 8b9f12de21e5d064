"""Answers side by side: what differs, and why, exactly."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.answered import read_answer
from allocate.card import models, shipped
from allocate.errors import BadInput
from allocate.parts import ENDS, GONE, MOVES, NEW, SAME, STARTS, Part
from allocate.solving import solve
from allocate.study.compare import compare
from allocate.study.waterfall import waterfall
from helpers.cases import OK_SMALL, CommandLine, copy_case, edit, write_scenario
from helpers.tiny_auctions import auction
from helpers.tiny_lots import asked as question_of_lots

CASE = 'case = "case"\n'
NOTICE = "price_weight,60\nquality_weight,40\nfull_score,100\npackages,Yes\nalternatives,Yes\n"
NOTICE += "discounts,Yes\ntie_break,quality;price;drawn\n"
WORDS = {kind: f"{kind} of {{a}} and {{b}}" for kind in (NEW, GONE, SAME, STARTS, ENDS, MOVES)}
MORE = CASE + '[[change]]\ntable = "packages"\nscale = { hours_per_week = 1.5 }\n'


def part(name: str, state: str, amount: int) -> Part:
    """A part of the term cash."""
    return Part("package", name, state, {"cash": Fraction(amount)})


def test_each_kind_of_step() -> None:
    """What is new, gone, the same, started, ended or moved is told apart, by hand."""
    before = [
        part("same", "A", 5),
        part("gone", "A", 7),
        part("ends", "A", 11),
        part("moves", "A", 1),
    ]
    before += [part("starts", "", 0), part("still", "A", 9)]
    after = [part("same", "A", 6), part("new", "A", 2), part("ends", "", 0), part("moves", "B", 4)]
    after += [part("starts", "B", 20), part("still", "A", 9)]
    found = waterfall(before, after, "cash", {"package": WORDS}, ("A", "B"))
    assert [(step.words.split()[0], step.count, step.amount) for step in found] == [
        (STARTS, 1, 20), (ENDS, 1, -11), (GONE, 1, -7), (MOVES, 1, 3), (NEW, 1, 2), (SAME, 1, 1),
    ]  # fmt: skip
    assert found[0].words == "starts of A and B"


@given(
    *[
        st.dictionaries(
            st.sampled_from("abcdef"),
            st.tuples(st.sampled_from(["", "X", "Y"]), st.integers(-9, 9)),
        )
        for _ in range(2)
    ]
)
def test_steps_add_up(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Whatever became of the parts, the steps are the difference of the totals."""
    before, after = ([part(k, *v) for k, v in side.items()] for side in (one, other))
    found = waterfall(before, after, "cash", {"package": WORDS}, ("A", "B"))
    assert sum(step.amount for step in found) == sum(v for _, v in other.values()) - sum(
        v for _, v in one.values()
    )


@pytest.mark.parametrize("model", models())
def test_parts_add_up_to_the_review(model: str, tmp_path: Path) -> None:
    """Of each term the parts are all that the independent review counts."""
    adds_up(solve(shipped("models", model, "example")).write(tmp_path / "r"))


def test_parts_of_an_award_add_up(tmp_path: Path) -> None:
    """Winning bids bring their prices, discounts taken off, and their points."""
    question, _ = question_of_lots(auction(tmp_path / "case", 203, notice=NOTICE))
    folder = solve(question).write(tmp_path / "r")
    found = adds_up(folder)
    assert any(item.kind == "bid" and item.amounts["price"] for item in found)


def adds_up(folder: Path) -> list[Part]:
    """Check the parts of an answer against its review; return them."""
    found = read_answer(folder)
    parts = list(found.asked.model.parts(found.asked.instance, found.solution, found.review))
    assert len({(item.kind, item.id) for item in parts}) == len(parts)
    for term, amount in found.review.terms.items():
        assert sum(item.amounts.get(term, 0) for item in parts) == amount, term
    return parts


def test_comparison_is_written(allocate: CommandLine, tmp_path: Path) -> None:
    """Text, tables and page say what differs; a person's row is in its own table alone."""
    allocate("solve", OK_SMALL, "--out", tmp_path / "one", "--quiet")
    path = write_scenario(tmp_path, MORE, "more")
    run = allocate("compare", tmp_path / "one", path, "--out", tmp_path / "c", "--quiet")
    assert run.code == 0, run.err
    for line in (
        "A: one. What is best in ok_small?",
        "B: more. more",
        "changed in B: packages: hours_per_week times 1.5",
        "case: A ok_small, B case",
    ):
        assert line in run.out
    names = {item.stem for item in (tmp_path / "c").iterdir()}
    assert names >= {"levels", "terms", "rules", "by_area", "by_provider", "waterfall", "summary"}
    terms = pd.read_csv(tmp_path / "c" / "terms.csv").set_index("term")
    falls = pd.read_csv(tmp_path / "c" / "waterfall.csv")
    for term, rows in falls.groupby("term"):
        *steps, after = rows["amount"]
        assert after == pytest.approx(sum(steps))
        assert [steps[0], after] == pytest.approx(list(terms.loc[term, ["A", "B"]]))
    areas = pd.read_csv(tmp_path / "c" / "by_area.csv")
    cash = areas[areas["what"] == "cash"]
    assert cash["B"].sum() == pytest.approx(terms.loc["cash", "B"])
    page = (tmp_path / "c" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"\bP[1-6]\b", page + run.out)
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawn) == falls["term"].nunique()
    for picture in drawn:
        bars = [float(bar.attrib["width"]) for bar in ElementTree.fromstring(picture).iter("rect")]
        assert all(0 < width <= 1000 for width in bars)


def test_people_who_change(tmp_path: Path) -> None:
    """Who has another provider or area is listed, from each answer to the next."""
    case = copy_case(tmp_path / "case")
    one = solve(case).write(tmp_path / "one")
    edit(case, "place_areas", "W02,North", "W02,South")
    other = solve(case).write(tmp_path / "other")
    found = compare([str(one), str(other), str(other)])
    people = found.tables["people"]
    assert set(people["to"]) == {"B"}
    moved = people[people["area_before"] != people["area_after"]]
    packages = pd.read_csv(case / "packages.csv")
    here = packages["package_id"][packages["place_id"] == "W02"]
    assert sorted(moved["package_id"]) == sorted(here)


def test_one_without_a_plan_stands_beside_the_others(allocate: CommandLine, tmp_path: Path) -> None:
    """What cannot all be met has its column, and no waterfall."""
    crowded = CASE + '[[change]]\ntable = "providers"\n'
    crowded += "set = { capacity_hours = 1, growth_hours = 0 }\n"
    crowded += '[rules.share_limit]\nmode = "hard"\nvalue = 0.1\n'
    crowded += '[rules.moves_limit]\nmode = "hard"\nvalue = 0\n'
    run = allocate("compare", OK_SMALL, write_scenario(tmp_path, crowded), "--quiet")
    assert run.code == 0, run.err
    assert "This cannot all be met." in run.out
    assert "Why" not in run.out
    assert "Nobody." in run.out
    assert "share_limit.mode: A report, B hard" in run.out


def test_answers_of_two_models_are_refused() -> None:
    """Care at home and winter beds have nothing to be compared by."""
    with pytest.raises(BadInput, match="are of different models"):
        compare([str(OK_SMALL), str(shipped("models", "beds", "example"))])
    with pytest.raises(BadInput, match="1 answers are named"):
        compare([str(OK_SMALL)])
