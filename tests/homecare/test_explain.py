"""Every claim of an explanation is confirmed by solving again with its change made."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from allocate.asked import Asked, prepare
from allocate.errors import BadInput
from allocate.explaining import explain
from allocate.explanation import Claim, Explanation
from allocate.result import INFEASIBLE, OPTIMAL
from allocate.solving import solve
from allocate.study.scenario import Change
from helpers import tiny

Values = tuple[Fraction, ...]


def explanations(folder: Path, asked: Asked) -> Iterator[tuple[str, int, Explanation]]:
    """Explain everything that there is to explain in an answer."""
    instance = asked.instance
    for kind, ids in (
        ("package", instance.packages.ids),
        ("area", instance.areas.ids),
        ("provider", instance.providers.ids),
    ):
        for number, label in enumerate(ids):
            yield kind, number, explain(folder, kind, label, seconds=60)


def best(asked: Asked, changes: tuple[Change, ...], method: str) -> Values | str | None:
    """Solve again with a change made: the levels, None where no plan keeps every hard rule."""
    question = replace(asked.question, changes=(*asked.question.changes, *changes))
    try:
        result = solve(question, method=method)
    except BadInput:
        return "barred"
    assert result.status in (OPTIMAL, INFEASIBLE)
    return tuple(level.objective for level in result.levels) or None


def confirm(asked: Asked, now: Values, claim: Claim, lead: tuple[str, str], method: str) -> None:
    """Hold a claim against the answer to its question."""
    if claim.verdict in ("leads", "overtaken"):
        confirm_lead(asked, claim, lead, method)
        return
    then = best(asked, claim.changes, method)
    if claim.verdict == "barred":
        assert then == "barred"
    elif claim.verdict == "impossible":
        assert then is None
    else:
        assert then is not None
        assert not isinstance(then, str)
        if claim.verdict == "same":
            assert then == now
            return
        number = [level.name for level in asked.question.levels].index(str(claim.level))
        assert then[:number] == now[:number]
        apart = then[number] - now[number]
        assert claim.low is None or claim.low <= apart
        assert claim.high is None or apart <= claim.high
        assert claim.verdict != "worse" or apart > 0
        assert claim.verdict != "better" or apart < 0


def confirm_lead(asked: Asked, claim: Claim, lead: tuple[str, str], method: str) -> None:
    """Whether the best plan with the lead is as good as the best without it, after the change."""
    area, name = lead
    row = {"table": "area-lead", "id": area, "other_id": name}
    values = []
    for word in ("must", "never"):
        pin = Change(table="pins", add=[{**row, "must_or_never": word}])
        values.append(best(asked, (*claim.changes, pin), method))
    with_it, without = (
        value if isinstance(value, tuple) else (Fraction(10**12),) for value in values
    )
    assert (with_it <= without) is (claim.verdict == "leads")


def confirm_all(seed: int, method: str) -> Counter[str]:
    """Explain a tiny answer and confirm each claim; return how many there were of each verdict."""
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = tiny.generate(seed).write(Path(folder))
        try:
            result = solve(path)
        except BadInput:
            return seen
        if not result.levels:
            return seen
        out = result.write(Path(folder) / "result")
        asked = prepare(path)
        now = tuple(level.objective for level in result.levels)
        leads = (
            result.tables["leads"].drop_duplicates("area_id").set_index("area_id")["provider_id"]
        )
        for kind, number, said in explanations(out, asked):
            area = asked.instance.areas.ids[number] if kind == "area" else ""
            for claim in said.claims:
                seen[claim.verdict] += 1
                try:
                    confirm(asked, now, claim, (area, str(leads.get(area, ""))), method)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, {said.title}: {claim}") from error
    return seen


def test_claims_of_a_few_tiny_answers() -> None:
    """Each claim about six listed cases is confirmed."""
    seen = sum((confirm_all(seed, "highs") for seed in range(6)), Counter[str]())
    assert seen["barred"]
    assert seen["worse"]


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 200, 25))
def test_claims_of_two_hundred_tiny_answers(start: int) -> None:
    """Each claim about two hundred listed cases is confirmed by another solver."""
    for seed in range(start, start + 25):
        confirm_all(seed, "cp-sat")
