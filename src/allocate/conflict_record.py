"""A conflict and its ways out as plain values for ``result.json``, each with its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from allocate.asked import Asked
from allocate.conflict import Conflict, Member
from allocate.result import plain
from allocate.trial import Name, together
from allocate.ways_out import Way


def recorded(asked: Asked, found: Conflict) -> dict[str, Any]:
    """Return the keys of a result that are about what cannot all be met.

    Parameters
    ----------
    asked
        The question.
    found
        What cannot all be met.
    """
    # The way out in which a rule gives with the fewest others, the best of these.
    by_rule: dict[str, Way] = {}
    for way in sorted(found.ways, key=lambda way: len(way.rules)):
        for rule in dict.fromkeys(rule for rule, _ in way.gives):
            by_rule.setdefault(rule, way)
    members = [
        _member(asked, number, member, by_rule.get(member.part.rule))
        for number, some in enumerate(found.sets, start=1)
        for member in some
    ]
    named = [sorted(together([member.part for member in some])) for some in found.sets]
    model, instance = asked.model, asked.instance
    return {
        "conflict": members or [_unnamed()],
        "conflict_heart": [
            model.heart_words(instance, names, smallest=all(m.needed for m in some))
            for names, some in zip(named, found.sets, strict=True)
        ],
        "also_short": model.also_short(instance, [name for names in named for name in names])
        if named
        else [],
        "ways_out": [_way(asked, way) for way in found.ways],
        "conflict_proof": {
            "smallest": found.smallest,
            "complete": found.complete,
            "lawful": found.lawful,
            "in_vain": [{"rule": rule, "title": _words(asked, rule)[1]} for rule in found.in_vain],
            "solves": found.solves,
            "seconds": round(found.seconds, 3),
        },
    }


def _unnamed() -> dict[str, Any]:
    """Say that the time ran out before anything was found."""
    text = "The run ended before the rules in conflict were found: allow more seconds."
    keys = ("label", "kind", "title", "short_by", "unit", "needed", "short_alone")
    return {
        "set": 1,
        "rule": None,
        **dict.fromkeys(keys),
        "where": [],
        "numbers": {},
        "words": [text],
    }


def _member(asked: Asked, number: int, member: Member, way: Way | None) -> dict[str, Any]:
    """Return one rule of a set: whom it is about, what is asked and what there is.

    ``short_by`` and ``where`` are what the rule gives in its best way out, of all that it is about.
    """
    rule = member.part.rule
    about = sorted(name for _, name in member.part.names)
    numbers, text = asked.model.conflict_words(asked.instance, rule, about)
    given = [] if way is None else _given(way, rule)
    kind, title, unit = _words(asked, rule)
    said = [text]
    if kind == "law":
        said.append("This is law: it stays, something else has to give.")
    if not member.needed:
        said.append("Not proven to be needed here: the time ran out.")
    return {
        "set": number,
        "rule": rule,
        "label": member.part.label,
        "kind": kind,
        "title": title,
        "short_by": plain(sum((by for _, by in given), Fraction())) if given else None,
        "unit": unit,
        "where": _where(given),
        "needed": member.needed,
        "short_alone": bool(asked.model.falls_short(asked.instance, rule, about)),
        "numbers": dict(numbers),
        "words": said,
    }


def _words(asked: Asked, rule: str) -> tuple[str, str, str | None]:
    """Kind, title and unit of a rule; a pin is in no card."""
    if rule == "pins":
        return "decision", "What a person has decided stays", None
    words = asked.tables.card.rules[rule]
    return words.kind, words.title, words.unit_for(asked.instance.rules[rule].options)


def _where(given: Sequence[tuple[str, Fraction]]) -> list[dict[str, Any]]:
    return [{"id": name, "short_by": plain(amount)} for name, amount in given]


def _given(way: Way, rule: str) -> Sequence[tuple[str, Fraction]]:
    """By how much a rule gives for each, largest first."""
    given: Mapping[Name, Fraction] = way.gives
    mine = [(name, amount) for (other, name), amount in given.items() if other == rule]
    return sorted(mine, key=lambda one: (-one[1], one[0]))


def _way(asked: Asked, way: Way) -> dict[str, Any]:
    """Return one way out: what gives, whether less would do, and what the plan comes to."""
    words = asked.tables.card.terms
    rules = list(dict.fromkeys(rule for rule, _ in way.gives)) if way.gives else list(way.rules)
    terms = {} if way.review is None else way.review.terms
    return {
        "gives": [
            {
                "rule": rule,
                "kind": _words(asked, rule)[0],
                "short_by": plain(sum((by for _, by in _given(way, rule)), Fraction())),
                "unit": _words(asked, rule)[2],
                "where": _where(_given(way, rule)),
            }
            for rule in rules
            if way.review is not None
        ],
        "rules": rules,
        "amount": plain(way.amount),
        "bound": plain(way.bound),
        "least": way.least,
        "plan_proven": way.proven,
        "terms_proven": list(way.sure),
        "doubtful": way.doubtful,
        "looked_at": way.begun,
        "terms": {
            term: {"amount": plain(amount), "unit": words[term].unit, "kind": words[term].kind}
            for term, amount in terms.items()
        },
        "words": _way_words(asked, way, rules),
    }


def _way_words(asked: Asked, way: Way, rules: Sequence[str]) -> list[str]:
    """Say what gives and what becomes of people and money; without a plan, only which rules."""
    if way.review is None or way.amount is None:
        titles = "; ".join(_words(asked, rule)[1] for rule in rules)
        return [titles]
    said = [
        asked.model.way_out_words(asked.instance, way.solution, rule, _given(way, rule))
        for rule in rules
    ]
    text = "; and: ".join(said)
    if not way.least:
        text += f". {_how_sure(asked, way, rules)}"
    cost = asked.model.plan_words(asked.instance, way.solution, way.review, way.sure)
    return [f"{text}.", f"  {cost}"]


def _how_sure(asked: Asked, way: Way, rules: Sequence[str]) -> str:
    """Say how much less might do, where that is not proven to be nothing."""
    if len(rules) > 1 or way.bound is None or way.amount is None:
        return "Less might do: that was not proven"
    unit = _words(asked, rules[0])[2]
    bound = f"{float(way.bound):,.2f}".removesuffix(".00")
    return f"This is enough; less might do, but not less than {bound} ({unit})"
