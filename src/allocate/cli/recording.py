"""``allocate runs``, ``replay``, ``diff`` and ``purge``: the record of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocate.cli.app import Record, app
from allocate.cli.progress import watching

if TYPE_CHECKING:
    from allocate.ledger.ledger import Ledger


@app.command()
def runs(
    record: Record = None,
    last: Annotated[int, typer.Option(help="How many to list.", min=1)] = 20,
    check: Annotated[
        bool, typer.Option("--check", help="Check that no row was changed or taken away.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write all runs to; it may not exist yet.")
    ] = None,
) -> None:
    """List the runs of the record, newest last.

    Example:  allocate runs --last 5
    """
    from allocate.files.target import written_whole
    from allocate.ledger.ledger import broken
    from allocate.ledger.listing import listing, table

    rows = _ledger(record).rows()
    if out is not None:
        with written_whole(out, file=True) as unfinished:
            table(rows).to_csv(unfinished, index=False, lineterminator="\n")
    typer.echo("\n".join(listing(rows[-last:])))
    if check:
        wrong = broken(rows)
        whole = f"All {len(rows)} rows are as they were recorded: the chain of hashes holds."
        typer.echo("\n".join(wrong or [whole]))
        raise typer.Exit(1 if wrong else 0)


@app.command()
def replay(
    run: Annotated[int, typer.Argument(help="Number of a run.", min=1)],
    record: Record = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the answer to; it may not exist yet.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Do a run of the record again and compare every byte, or say why that cannot be done.

    Example:  allocate replay 17
    """
    from allocate.files.target import check_free
    from allocate.ledger.replay import replay as again

    if out is not None:
        check_free(out)
    ledger = _ledger(record)
    row = ledger.run(run)
    purged = next((later for later in ledger.rows() if later.entry.about == run), None)
    with watching(quiet) as watch:
        found = again(row, watch, purged)
    typer.echo(found.words)
    if out is not None and found.result is not None:
        found.result.write(out, pages=True)
        typer.echo(f"Written to {out}.")
    raise typer.Exit(0 if found.same else 1)


@app.command()
def diff(
    one: Annotated[int, typer.Argument(help="Number of a run.", min=1)],
    other: Annotated[int, typer.Argument(help="Number of another.", min=1)],
    record: Record = None,
) -> None:
    """Say what differs between two runs of the record: question, data, versions and answer.

    Example:  allocate diff 16 17
    """
    from allocate.ledger.difference import difference

    ledger = _ledger(record)
    typer.echo("\n".join(difference(ledger.run(one), ledger.run(other))))


@app.command()
def purge(
    record: Record = None,
    before: Annotated[
        str | None, typer.Option(help="Take away data of runs before this date too: dd/mm/yyyy.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this, what is due is only listed.")
    ] = False,
) -> None:
    """Take away result folders past their date; the record of the runs stands.

    Example:  allocate purge --before 01/04/2025 --yes
    """
    from datetime import date

    from allocate.cli.dates import as_day
    from allocate.ledger.purging import purge_due

    day = None if before is None else as_day("--before", before)
    lines, failed = purge_due(_place(record), date.today(), day, remove=yes)
    typer.echo("\n".join(lines))
    raise typer.Exit(3 if failed else 0)


def _place(record: str | None) -> str:
    """Return where the record is; a command about it cannot do without."""
    from allocate.errors import BadInput, Fault
    from allocate.ledger.keeping import place_of

    where = place_of(record)
    if where is None:
        fault = Fault("--record", "none", "names no record", "Name a file or a URL")
        raise BadInput("the command line", [fault])
    return where


def _ledger(record: str | None) -> Ledger:
    """Open the record."""
    from allocate.ledger.ledger import Ledger

    return Ledger(_place(record))
