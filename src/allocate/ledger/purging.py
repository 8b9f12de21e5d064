"""What is due taken out of the way, and the record told."""

from __future__ import annotations

from datetime import date

from allocate.ledger.keeping import Recorder
from allocate.ledger.ledger import Ledger
from allocate.ledger.purge import due, purge


def purge_due(
    where: str, today: date, before: date | None = None, *, remove: bool = False
) -> tuple[list[str], bool]:
    """List the data past their date, or take them away.

    Parameters
    ----------
    where
        The record.
    today
        What dates are compared with.
    before
        Runs made before this date are due too.
    remove
        Whether to take away what is due.

    Returns
    -------
    tuple
        What to tell the reader, and whether something could not be removed.
    """
    found = due(Ledger(where).rows(), today, before)
    recorder, failed = Recorder(where), False
    lines = [] if found else ["No data are past their date."]
    for kept in found:
        named = f"run {kept.row.number} of {kept.row.entry.at[:10]}, in {kept.folder}"
        if not remove:
            lines.append(f"Due: {named}")
            continue
        try:
            recorder.keep([purge(kept)])
        except OSError as error:
            failed = True
            lines.append(f"Not removed: {named}: {error.strerror}")
            continue
        lines.append(f"Removed: {named}")
        if kept.extra:
            lines.append(f"  Left there, as the run did not write it: {', '.join(kept.extra)}")
    if found and not remove:
        lines.append("Nothing was removed: add --yes.")
    return [*lines, *filter(None, [recorder.words()])], failed
