"""A short dialogue that makes a map: it guesses, shows its guess, and asks what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tomli_w

from allocate.errors import BadInput, Fault
from allocate.intake.ask import NO, PLAIN, YES, Ask, Say
from allocate.intake.extract import Extract, folded
from allocate.intake.guess import (
    LISTS,
    MOST_WORDS,
    guess_dates,
    guess_hours,
    guess_words,
    has_pairs,
)
from allocate.intake.headings import Headings
from allocate.intake.mapping import LISTS as SECTIONS
from allocate.intake.mapping import Priorities, Services, Statuses

LEAST_SHARE = 0.1  # of paid_share, as the card has it
EMPTY = "(empty)"
TWO_LINES, ONE_LINE = "two lines", "one line with a number of carers"
MEANINGS: dict[str, Iterable[str]] = {
    "service": Services.model_fields,
    "status": Statuses.model_fields,
    "priority": Priorities.model_fields,
    "suspended": (YES, NO),
    "carers": ("one", "two"),
}


def make_map(extract: Extract, ask: Ask, say: Say) -> dict[str, object]:
    """Make a map of an extract, as it will be written.

    Parameters
    ----------
    extract
        The extract.
    ask, say
        Where questions and words go; a test answers for itself.

    Returns
    -------
    dict
        Content of the map's file.
    """
    columns = Headings(extract, ask, say).settle()
    reading: dict[str, object] = {"double_handed": _double_handed(extract, columns, ask)}
    dated = [columns[role] for role in ("start", "end", "requested") if role in columns]
    reading["dates"] = guess_dates([cell for heading in dated for cell in extract.column(heading)])
    if "hours" in columns:
        reading["hours"] = guess_hours(extract.column(columns["hours"]))
    elif "units" in columns:
        reading["unit_minutes"] = int(
            _number("How many minutes is one unit of care?", "60", ask, say)
        )
    say("Read as: " + ", ".join(f"{key} = {value}" for key, value in reading.items()))
    written: dict[str, object] = {"columns": columns, "reading": reading}
    for role in LISTS:
        if role in columns and (lists := _lists(role, extract, columns[role], ask, say)):
            written[SECTIONS.get(role, role)] = lists
    if "needs" in columns:
        written["needs"] = _needs(extract, columns, ask)
    parameters: dict[str, float] = {}
    if not {"rate", "weekly_cost"} & columns.keys():
        rate = _number("What is an hour of care paid, in pounds?", "", ask, say)
        parameters["rate_pounds_per_hour"] = rate
    if (share := _paid_share(ask, say)) is not None:
        parameters["paid_share"] = share
    if parameters:
        written["parameters"] = parameters
    if ask("Are these records real?", (YES, NO), YES, PLAIN) == NO:
        written["source"] = {"nature": "synthetic"}
    return written


def write_map(path: Path, written: dict[str, object], fingerprint: str) -> None:
    """Write a map that is not there yet, with the fingerprint of the salt in use."""
    content = tomli_w.dumps({"salt_fingerprint": fingerprint, **written})
    head = (
        "# How `allocate import` reads this extract. Edit it freely; use it again next month.\n\n"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(head + content)
    except OSError as error:
        problem, remedy = f"cannot be written: {error.strerror}", "Name another file with --map"
        raise BadInput("--map", [Fault(str(path), "", problem, remedy)]) from error


def _double_handed(extract: Extract, columns: dict[str, str], ask: Ask) -> str:
    """Tell from a column of carers; else ask, as a wrong guess halves or doubles hours."""
    if "carers" in columns and len(set(extract.column(columns["carers"]))) > 1:
        return ONE_LINE
    likely = TWO_LINES if has_pairs(extract, columns) else ONE_LINE
    return ask("How does a call by two carers appear?", (TWO_LINES, ONE_LINE), likely, PLAIN)


def _lists(role: str, extract: Extract, heading: str, ask: Ask, say: Say) -> dict[str, list[str]]:
    """Put the words of a column into lists, shown before they are taken; ask what is not plain."""
    values = [row.cells[heading] for row in extract.rows if sum(map(bool, row.cells.values())) > 3]
    words = [word for word in values if folded(word) != folded(heading)]
    if role == "carers" and all(word.isdigit() for word in words if word):
        return {}
    lists, unknown = guess_words(role, words)
    say(f"The words of {heading}:")
    for meaning, listed in lists.items():
        say(f"  {meaning}: {', '.join(word or EMPTY for word in listed)}")
    if lists and ask(f"Are the words of {heading} right?", (YES, NO), YES, PLAIN) == NO:
        unknown = [*(word for listed in lists.values() for word in listed), *unknown]
        lists = {}
    choices = tuple(MEANINGS[role])
    for word in unknown:
        answer = ask(f'{heading}: what does "{word or EMPTY}" mean?', choices, choices[-1], PLAIN)
        lists.setdefault(answer, []).append(word)
    return lists


def _needs(extract: Extract, columns: dict[str, str], ask: Ask) -> dict[str, list[str]]:
    """Keep the words of the needs column, if they are words: a free text may name somebody."""
    heading = columns["needs"]
    cells = [cell.replace(",", ";") for cell in extract.column(heading)]
    words = sorted({part.strip() for cell in cells for part in cell.split(";") if part.strip()})
    if len(words) <= MOST_WORDS:
        question = f"{heading} holds: {'; '.join(words)}. Keep these words as needs?"
        if ask(question, (YES, NO), YES, PLAIN) == YES:
            return {word.casefold(): [word] for word in words}
    del columns["needs"]
    return {}


def _paid_share(ask: Ask, say: Say) -> float | None:
    """Ask which share is paid for; None leaves the case to say that all is assumed to be."""
    question = (
        "What share of planned hours is paid for? 1 is all, 0.95 is 95 in 100; Enter if you do not "
        "know."
    )
    while answer := ask(question, (), "", PLAIN):
        try:
            share = round(float(answer), 3)
        except ValueError:
            share = 0
        if LEAST_SHARE <= share <= 1:
            return share
        say(f"  A share from {LEAST_SHARE} to 1 is needed, as in 0.95.")
    return None


def _number(question: str, default: str, ask: Ask, say: Say) -> float:
    while True:
        answer = ask(question, (), default, PLAIN)
        try:
            value = float(answer.replace("£", ""))
        except ValueError:
            value = 0
        if value > 0:
            return value
        say("  A number above 0 is needed, as in 18.50.")
