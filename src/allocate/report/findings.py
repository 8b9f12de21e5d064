"""What a study found, as one page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.findings import Findings
from allocate.report.page import STYLE, heading_of

MOST_ROWS = 40  # of a table on the page; its CSV has them all


def findings_page(found: Findings) -> str:
    """Write the findings as HTML.

    Parameters
    ----------
    found
        Words and tables.
    """
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Findings) -> Iterator[str]:
    title = escape(found.title)
    yield '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    for heading, lines in found.sections:
        words = escape("\n".join(lines))
        yield f"<h2>{escape(heading)}</h2>\n<pre>{words}</pre>"
    for heading, drawing in found.drawings.items():
        yield f"<h2>{escape(heading)}</h2>\n{drawing}"
    for name, table in found.tables.items():
        yield f"<h2>{escape(heading_of(name))}</h2>"
        yield from _table(name, table)
    yield "</body>\n</html>"


def _table(name: str, table: pd.DataFrame) -> Iterator[str]:
    """Write the first rows of a table."""
    kinds = [' class="number"' if is_numeric_dtype(table[name]) else "" for name in table]
    heads = zip(table.columns, kinds, strict=True)
    told = "".join(f"<th>{escape(heading_of(str(c)))}</th>" for c, _ in heads)
    yield f'<div class="wide">\n<table>\n<tr>{told}</tr>'
    for row in table.head(MOST_ROWS).itertuples(index=False):
        cells = zip(row, kinds, strict=True)
        yield "<tr>" + "".join(f"<td{k}>{escape(_cell(v))}</td>" for v, k in cells) + "</tr>"
    yield "</table>\n</div>"
    if len(table) > MOST_ROWS:
        yield f"<p>The first {MOST_ROWS} of {len(table):,} rows; {escape(name)}.csv has all.</p>"


def _cell(value: object) -> str:
    """Write a cell; one that is not known is empty."""
    return "" if value is None or value != value else str(value)
