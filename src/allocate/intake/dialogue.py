"""A short dialogue that makes a map: it guesses, shows its guess, and asks what it cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import tomli_w

from allocate.errors import BadInput, Fault
from allocate.intake.extract import Extract, folded
from allocate.intake.guess import (
    LISTS,
    MOST_WORDS,
    guess_columns,
    guess_dates,
    guess_hours,
    guess_words,
    has_pairs,
)
from allocate.intake.mapping import LISTS as SECTIONS
from allocate.intake.mapping import Columns, Priorities, Services, Statuses

# A question, what may be answered (nothing: anything may), and the answer to an empty line.
Ask = Callable[[str, Sequence[str], str], str]
Say = Callable[[str], None]

NONE, YES, NO = "none", "yes", "no"
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
    columns = _columns(extract, ask, say)
    reading: dict[str, object] = {"double_handed": _double_handed(extract, columns, ask)}
    dated = [columns[role] for role in ("start", "end", "requested") if role in columns]
    reading["dates"] = guess_dates([cell for heading in dated for cell in extract.column(heading)])
    if "hours" in columns:
        reading["hours"] = guess_hours(extract.column(columns["hours"]))
    elif "units" in columns:
        reading["unit_minutes"] = int(_number("How many minutes is one unit of care?", "60", ask))
    say("Read as: " + ", ".join(f"{key} = {value}" for key, value in reading.items()))
    written: dict[str, object] = {"columns": columns, "reading": reading}
    for role in LISTS:
        if role in columns and (lists := _lists(role, extract, columns[role], ask, say)):
            written[SECTIONS.get(role, role)] = lists
    if "needs" in columns:
        written["needs"] = _needs(extract, columns, ask)
    if not {"rate", "weekly_cost"} & columns.keys():
        rate = _number("What is an hour of care paid, in pounds?", "", ask)
        written["parameters"] = {"rate_pounds_per_hour": rate}
    if ask("Are these records real?", (YES, NO), YES) == NO:
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


def _columns(extract: Extract, ask: Ask, say: Say) -> dict[str, str]:
    """Settle which heading holds what: plain guesses are shown once, the others asked."""
    guesses = guess_columns(extract)
    columns = {role: guess.heading for role, guess in guesses.items() if guess.sure}
    for role, guess in guesses.items():
        if not guess.sure:
            _settle(role, guess.heading, extract, columns, ask)
    for role in ("person", "provider"):
        while role not in columns:
            _settle(role, "", extract, columns, ask)
    while not {"postcode", "ward"} & columns.keys():
        _settle("postcode", NONE, extract, columns, ask)
        _settle("ward", NONE, extract, columns, ask)
    while not _amount(columns):
        _settle("hours", NONE, extract, columns, ask)
        _settle("frequency", NONE, extract, columns, ask)
        _settle("visits", NONE, extract, columns, ask)
        _settle("visit_minutes", NONE, extract, columns, ask)
    say("The columns, as far as can be told:")
    for role, heading in columns.items():
        say(f"  {role}: {heading}")
    if ask("Is that right?", (YES, NO), YES) == NO:
        for role in Columns.model_fields:
            _settle(role, columns.get(role, NONE), extract, columns, ask)
    return {role: columns[role] for role in Columns.model_fields if role in columns}


def _amount(columns: dict[str, str]) -> bool:
    cost = {"weekly_cost", "rate"} <= columns.keys()
    visits = {"visits", "visit_minutes"} <= columns.keys()
    return bool({"hours", "units", "frequency"} & columns.keys()) or visits or cost


def _settle(role: str, default: str, extract: Extract, columns: dict[str, str], ask: Ask) -> None:
    """Ask which column a role has; none leaves it out."""
    words = str(Columns.model_fields[role].description).rstrip(".")
    taken = {heading for other, heading in columns.items() if other != role}
    free = [heading for heading in extract.headings if heading not in taken]
    default = default if default in (*free, NONE) else NONE
    answer = ask(f"Which column is {role}? {words}", (*free, NONE), default)
    if answer == NONE:
        columns.pop(role, None)
    else:
        columns[role] = answer


def _double_handed(extract: Extract, columns: dict[str, str], ask: Ask) -> str:
    """Tell from a column of carers; else ask, as a wrong guess halves or doubles hours."""
    if "carers" in columns and len(set(extract.column(columns["carers"]))) > 1:
        return ONE_LINE
    likely = TWO_LINES if has_pairs(extract, columns) else ONE_LINE
    return ask("How does a call by two carers appear?", (TWO_LINES, ONE_LINE), likely)


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
    if lists and ask(f"Are the words of {heading} right?", (YES, NO), YES) == NO:
        unknown = [*(word for listed in lists.values() for word in listed), *unknown]
        lists = {}
    choices = tuple(MEANINGS[role])
    for word in unknown:
        answer = ask(f'{heading}: what does "{word or EMPTY}" mean?', choices, choices[-1])
        lists.setdefault(answer, []).append(word)
    return lists


def _needs(extract: Extract, columns: dict[str, str], ask: Ask) -> dict[str, list[str]]:
    """Keep the words of the needs column, if they are words: a free text may name somebody."""
    heading = columns["needs"]
    cells = [cell.replace(",", ";") for cell in extract.column(heading)]
    words = sorted({part.strip() for cell in cells for part in cell.split(";") if part.strip()})
    if len(words) <= MOST_WORDS:
        question = f"{heading} holds: {'; '.join(words)}. Keep these words as needs?"
        if ask(question, (YES, NO), YES) == YES:
            return {word.casefold(): [word] for word in words}
    del columns["needs"]
    return {}


def _number(question: str, default: str, ask: Ask) -> float:
    while True:
        answer = ask(question, (), default)
        try:
            value = float(answer.replace("£", ""))
        except ValueError:
            continue
        if value > 0:
            return value
