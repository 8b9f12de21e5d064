"""What a study found, as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from allocate.findings import Findings
from allocate.report.html import document, first_rows, section


def findings_page(found: Findings) -> str:
    """Write the findings as HTML.

    Parameters
    ----------
    found
        Words and tables.
    """
    return document(found.title, _parts(found))


def _parts(found: Findings) -> Iterator[str]:
    for heading, lines in found.sections:
        yield section(heading, lines)
    for heading, drawing in found.drawings.items():
        yield f"<h2>{escape(heading)}</h2>\n{drawing}"
    for name, frame in found.tables.items():
        yield from first_rows(name, frame)
