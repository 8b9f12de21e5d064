"""What cannot all be met, as sections of the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NAMED = 6  # of one rule, those that are told before it says how many more there are
Section = tuple[str, list[str]]


def no_plan(record: Mapping[str, Any]) -> list[Section]:
    """Say which rules cannot hold together, how sure that is, and what would help.

    Parameters
    ----------
    record
        What ``result.json`` will hold.
    """
    found = [("Which rules cannot hold together", list(_sets(record)))]
    if record["conflict"][0]["rule"] is not None:
        found.append(("Ways out, simplest first", list(_ways(record))))
    return found


def _sets(record: Mapping[str, Any]) -> Iterator[str]:
    members, proof = record["conflict"], record["conflict_proof"]
    if members[0]["rule"] is None:
        yield from members[0]["words"]
        return
    numbers = sorted({member["set"] for member in members})
    for number in numbers:
        mine = [member for member in members if member["set"] == number]
        if heart := record["conflict_heart"][number - 1]:
            yield f"The heart of it: {heart}"
        yield _joined(mine, number)
        for rule in dict.fromkeys(member["rule"] for member in mine):
            yield from _rule([member for member in mine if member["rule"] == rule])
    if also := record["also_short"]:
        yield f"Known to fall short as well: {' '.join(also[:NAMED])}"
    if not proof["complete"]:
        yield "There may be more that cannot be met once this is mended."


def _rule(members: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say one rule of a set, for each of those that it is about."""
    first = members[0]
    head = f"- {first['title']} [{first['rule']}, {first['kind']}]:"
    if len(members) == 1:
        yield f"{head} {first['words'][0]}"
    else:
        short = [member for member in members if member["short_alone"]]
        rest = [member for member in members if not member["short_alone"]]
        yield head
        yield from _lines(short)
        if short and rest:
            yield "    By itself each of these could be met:"
        yield from _lines(rest)
    for line in dict.fromkeys(line for member in members for line in member["words"][1:]):
        yield f"    {line}"


def _lines(members: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from (f"    {member['words'][0]}" for member in members[:NAMED])
    if len(members) > NAMED:
        yield f"    And {len(members) - NAMED} more like these."


def _joined(members: Sequence[Mapping[str, Any]], number: int) -> str:
    """One sentence that joins a set."""
    again = "" if number == 1 else "With that mended, "
    if len(members) == 1:
        text = "this cannot be met by any plan:"
    else:
        text = f"these {len(members)} cannot hold together; "
        sure = all(member["needed"] for member in members)
        text += (
            "leave any one of them out, and the others can:"
            if sure
            else "not proven to be the smallest such set:"
        )
    text = again + text
    return text[0].upper() + text[1:]


def _ways(record: Mapping[str, Any]) -> Iterator[str]:
    ways, proof = record["ways_out"], record["conflict_proof"]
    worked_out = [way for way in ways if way["gives"]]
    for number, way in enumerate(worked_out, start=1):
        first, *rest = way["words"]
        yield f"{number}. {first}"
        yield from (f" {line}" for line in rest)
    if worked_out:
        yield "Each keeps every other hard rule; of two as simple the question's order decides."
        if any(not way["plan_proven"] for way in worked_out):
            yield "The plans are the best found in the time: more seconds may find better ones."
        yield "None of them relaxes a law or undoes what a person has decided."
    elif proof["lawful"] is False:
        yield "None: laws, pins and the data alone leave no plan. Correct the data named above."
    else:
        yield "None was found in the time: allow more seconds."
    yield from _no_ways(ways, proof)


def _no_ways(ways: Sequence[Mapping[str, Any]], proof: Mapping[str, Any]) -> Iterator[str]:
    """Name the rules that no way out is told of, and why."""
    if proof["in_vain"]:
        titles = "; ".join(item["title"] for item in proof["in_vain"])
        yield f"Tried, and no way out by itself however much it gives: {titles}."
    open_ = [way for way in ways if not way["gives"]]
    for looked_at, told in (
        (True, "Looked at, but no plan was found in the time"),
        (False, "Not looked at in the time"),
    ):
        titles = "; ".join(way["words"][0] for way in open_ if way["looked_at"] is looked_at)
        if titles:
            yield f"{told}: {titles}. Allow more seconds."
