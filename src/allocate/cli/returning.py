"""``allocate returns``: ask providers what they can do, and read what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app

returns = typer.Typer(
    help="Ask each provider what it can do, with a form of one page, and read the answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(returns, name="returns")


@returns.command()
def write(
    case: Annotated[str, typer.Argument(help="A case folder, or the name of a shipped one.")],
    out: Annotated[Path, typer.Option(help="Folder to write; it may not exist yet.")],
) -> None:
    """Write one form a provider, filled with what the case says or assumes.

    Example:  allocate returns write sefton --out forms
    """
    from allocate.returning import write_forms

    typer.echo("\n".join(write_forms(case, out)))


@returns.command()
def read(
    folder: Annotated[Path, typer.Argument(help="Folder with the forms that came back.")],
    case: Annotated[str, typer.Option(help="The case that the forms were written from.")],
    out: Annotated[Path, typer.Option(help="Folder of the new case; it may not exist yet.")],
) -> None:
    """Write the case anew with what providers answered, and say what that changed.

    Example:  allocate returns read returned --case sefton --out sefton-2
    """
    from allocate.returning import read_returns

    typer.echo("\n".join(read_returns(folder, case, out)))
