"""``allocate bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app

bench = typer.Typer(no_args_is_help=True, help="Solve public instances with known answers.")
app.add_typer(bench, name="bench")


@bench.callback()
def _group() -> None:
    """Solve public instances with known answers."""


@bench.command("file")
def file_(
    path: Annotated[Path, typer.Argument(help="Instance in its public format.")],
    family: Annotated[
        str,
        typer.Option(
            help="gap (generalised assignment), cfl (facility location) or wdp (auctions)."
        ),
    ],
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0, max=2**31 - 1)],
    out: Annotated[Path, typer.Option(help="JSON file to write; it may not exist yet.")],
    seconds: Annotated[float, typer.Option(help="Time limit.", min=0.1)] = 60.0,
) -> None:
    """Solve one public instance on one thread, recount the answer and write it as JSON.

    Example:  allocate bench file c05100 --family gap --seconds 60 --seed 1 --out c05100.json
    """
    from allocate.benching import bench_file

    line, code = bench_file(path, family, out, seconds=seconds, seed=seed)
    typer.echo(line)
    raise typer.Exit(code)
