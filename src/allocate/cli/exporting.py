"""``allocate template`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import Where, app


@app.command()
def template(
    out: Annotated[Path, typer.Option(help="Workbook to write, ending in .xlsx.")],
    model: Annotated[str, typer.Argument(help="Model whose tables it holds.")] = "homecare",
) -> None:
    """Write an empty workbook to fill in: a sheet for each table, with lists to choose from.

    Example:  allocate template homecare --out mycase.xlsx
    """
    from allocate.exporting import write_template

    typer.echo("\n".join(write_template(model, out)))


@app.command()
def export(
    where: Where,
    to: Annotated[
        Path,
        typer.Option(
            help="A file ending in .xlsx, .lp or .mps, or a folder for a data package; it may not "
            "exist yet."
        ),
    ],
    level: Annotated[
        str | None,
        typer.Option(help="Level that an .lp or .mps file minimises; the first if not given."),
    ] = None,
) -> None:
    """Write a case as a workbook or data package, or a question as an LP or MPS file.

    Of a scenario the case is written with its changes made.

    Example:  allocate export leads_hand_back --to hand_back.xlsx
    """
    from allocate.exporting import export as write

    typer.echo("\n".join(write(where, to, level)))
