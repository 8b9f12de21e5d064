"""An answer as people open it: one page of HTML, and one workbook."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pandas as pd

from allocate.card import read_card
from allocate.report.book import write_book
from allocate.report.html import document, first_rows, prose, table
from allocate.report.text import taken_apart
from allocate.result import PAGES, Result
from allocate.rule_words import amount
from allocate.units import with_unit

OF_A_PERSON = "package_id"  # a table with this column has a row for each person
INSIDE = (
    "For those who decide, not for publication as it stands: people are counted exactly, a number "
    "under 5 can point to somebody, and what a firm asks or can staff may be confidential. "
    "`allocate publish` writes what may be published."
)


def write_pages(result: Result, folder: Path) -> None:
    """Write ``report.html`` and ``workbook.xlsx`` into a result folder.

    Parameters
    ----------
    result
        The answer.
    folder
        The folder, there already.
    """
    page, book = PAGES
    (folder / page).write_text(answer_page(result), encoding="utf-8", newline="\n")
    write_book(result, rules_table(result), INSIDE, folder / book)


def answer_page(result: Result) -> str:
    """Write an answer as a page of HTML; the same answer gives the same page.

    Parameters
    ----------
    result
        The answer. Tables with a row for each person are left to their files.
    """
    (title, lines), *sections = taken_apart(result.summary)
    return document(title, _parts(result, lines, sections))


def _parts(
    result: Result, opening: list[str], sections: list[tuple[str, list[str]]]
) -> Iterator[str]:
    yield from (f"<p>{escape(line)}</p>" for line in opening)
    yield f'<p class="inside">{escape(INSIDE)}</p>'
    *middle, (caveat, _) = sections
    yield from (prose(heading, lines) for heading, lines in middle)
    for name, drawing in result.drawings.items():
        yield f'<h2>{escape(Path(name).stem.capitalize())}</h2>\n<div class="map">{drawing}</div>'
    if result.levels:
        yield "<h2>Every rule</h2>"
        rows = rules_table(result).itertuples(index=False, name=None)
        heads = ["Rule", "Kind", "How it stands", "Value", "Short by"]
        shown = [
            [*told, _shown(value), with_unit(amount(short), unit) if short else "kept"]
            for *told, value, short, unit in rows
        ]
        yield table(heads, shown, [False] * 3 + [True, False], wraps=True)
    for name, frame in result.tables.items():
        if OF_A_PERSON in frame:
            yield f"<p>{escape(name)}.csv has a row for each person, and is not shown here.</p>"
        elif len(frame):
            yield from first_rows(name, frame)
    yield f"<p>{escape(caveat)}</p>"


def rules_table(result: Result) -> pd.DataFrame:
    """Return every rule that is not off: how it stands, what it asks and what it is short by."""
    words = read_card(result.record["model"]).rules
    rows = [
        (
            *(words[rule].title, found["kind"], found["mode"]),
            *(found["value"], found["short_by"], found["unit"]),
        )
        for rule, found in result.record["rules"].items()
        if found["mode"] != "off"
    ]
    return pd.DataFrame(rows, columns=["rule", "kind", "mode", "value", "short_by", "unit"])


def _shown(value: float | str | None) -> str:
    """Write a threshold; nothing where a rule has none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:,.4f}".rstrip("0").rstrip(".")
