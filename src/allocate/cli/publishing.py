"""``allocate publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app
from allocate.cli.written import written


@app.command()
def publish(
    result: Annotated[Path, typer.Argument(help="A result folder.")],
    out: Annotated[Path, typer.Option(help="Folder to write; it may not exist yet.")],
) -> None:
    """Write an answer for publication: no small counts of people, no ids, no rates.

    Example:  allocate publish result --out public
    """
    from allocate.files.target import check_free, written_whole
    from allocate.publishing import publish as found_by

    check_free(out)
    found = found_by(result)
    with written_whole(out) as folder:
        found.write(folder)
    typer.echo(str(found))
    typer.echo(written(out))
