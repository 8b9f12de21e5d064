"""``allocate explain``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app
from allocate.cli.progress import watching


@app.command()
def explain(
    result: Annotated[Path, typer.Argument(help="A result folder that `allocate solve` wrote.")],
    package: Annotated[
        str | None, typer.Option(help="Id of a package: who has it, and who else could.")
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(help="Id or name of an area: why its lead leads, how firm that is."),
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="Id or name of a provider: what it holds, what rests on it.")
    ] = None,
    home: Annotated[
        str | None, typer.Option(help="Id or name of a care home: what it offers, what is booked.")
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="Id or name of a place or cell: its lot, and its neighbours.")
    ] = None,
    bid: Annotated[
        str | None, typer.Option(help="Id of a bid: why it wins or not, and what would change it.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="Time for what has to be asked again.", min=0.1)
    ] = 7.0,
    out: Annotated[
        Path | None, typer.Option(help="File to write it to as well, with each claim as JSON.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Say why: for one package, area, provider, home, cell or bid of an answer.

    Example:  allocate explain result --area A3
    """
    from allocate.errors import BadInput, Fault
    from allocate.explaining import explain as explained
    from allocate.files.target import check_free, written_whole

    asked = {
        **{"package": package, "area": area, "provider": provider},
        **{"home": home, "cell": cell, "bid": bid},
    }
    named = [(kind, label) for kind, label in asked.items() if label is not None]
    if len(named) != 1:
        problem = f"{len(named)} things are asked about"
        remedy = "Give one of --package, --area, --provider, --home, --cell and --bid"
        raise BadInput("the command line", [Fault("allocate explain", "", problem, remedy)])
    if out is not None:
        check_free(out)
    with watching(quiet) as watch:
        said = explained(result, *named[0], seconds=seconds, watch=watch)
    typer.echo(str(said))
    if out is not None:
        text = json.dumps(said.as_json(), indent=1, ensure_ascii=False)
        with written_whole(out, "--out", file=True) as unfinished:
            unfinished.write_text(text + "\n", encoding="utf-8")
