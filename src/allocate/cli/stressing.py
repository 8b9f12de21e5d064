"""``allocate stress``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app
from allocate.cli.progress import watching


@app.command()
def stress(
    result: Annotated[
        Path, typer.Argument(help="A result folder of winter beds that `allocate solve` wrote.")
    ],
    winters: Annotated[int, typer.Option(help="Fresh winters to run it in.", min=2)] = 300,
    seed: Annotated[int, typer.Option(help="Seed that these are drawn with.", min=0)] = 2,
    seconds: Annotated[
        float, typer.Option(help="Time for what has to be solved again.", min=1.0)
    ] = 600.0,
    homecare: Annotated[
        Path | None,
        typer.Option(help="A result folder of home care: what its spare hours could do instead."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write it to as well; it may not exist yet.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Put winter bookings to the test: fresh winters, no hindsight, other bookings, other rules.

    Example:  allocate stress result --winters 500 --out stressed
    """
    from allocate.files.target import check_free, written_whole
    from allocate.stressing import stress as stressed

    if out is not None:
        check_free(out)
    with watching(quiet) as watch:
        found = stressed(
            result, winters=winters, seed=seed, seconds=seconds, homecare=homecare, watch=watch
        )
    typer.echo(str(found))
    if out is not None:
        with written_whole(out) as folder:
            found.write(folder)
