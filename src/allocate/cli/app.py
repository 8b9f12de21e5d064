"""The command line's root: every command of this package hangs itself on ``app``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="Decide who delivers home care and who leads each area, which winter beds to book, and "
    "how to cut work into lots and award them: with a proven bound, an independent check and the "
    "reasons.\n\n"
    "Example:  allocate solve leads_hand_back --out result",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Where = Annotated[
    str,
    typer.Argument(
        help="A scenario file, a case (folder, workbook or data package), or the name of a "
        "shipped one."
    ),
]

Record = Annotated[
    str | None,
    typer.Option(
        help="Record of runs: a SQLite file, a database URL, or none. Without it: "
        "$ALLOCATE_RECORD, or .config/allocate/record.sqlite in your home folder."
    ),
]
KeepUntil = Annotated[
    str | None,
    typer.Option(help="Date after which `allocate purge` takes the result away: dd/mm/yyyy."),
]
