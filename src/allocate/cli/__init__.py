"""The command line. Heavy packages load inside the commands, so that ``--help`` is quick."""

from __future__ import annotations

import typer

# Importing a module adds its commands, in the order of the help.
from allocate.cli import importing, solving, sweeping, comparing, explaining  # noqa: F401  isort: skip
from allocate.cli import stressing, returning, exporting, recording, benching  # noqa: F401  isort: skip
from allocate.cli import probing, publishing  # noqa: F401  isort: skip
from allocate.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a user's mistake is a message and exit code 2, never a traceback."""
    from allocate.errors import AllocateError, BadInput

    try:
        app()
    except BadInput as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except AllocateError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(3) from None
    except KeyboardInterrupt:
        typer.echo("Stopped; nothing was written.", err=True)
        raise SystemExit(3) from None
