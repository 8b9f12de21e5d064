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
            help="gap, cfl (facility location), wdp (auctions), pmedcap (capacitated p-median) or "
            "districting."
        ),
    ],
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0, max=2**31 - 1)],
    out: Annotated[Path, typer.Option(help="JSON file to write; it may not exist yet.")],
    seconds: Annotated[float, typer.Option(help="Time limit.", min=0.1)] = 60.0,
    districts: Annotated[int | None, typer.Option(help="Districting: how many.", min=1)] = None,
    lower: Annotated[
        int | None, typer.Option(help="Districting: least population; 99.5% of equal.", min=0)
    ] = None,
    upper: Annotated[
        int | None, typer.Option(help="Districting: largest population; 100.5% of equal.", min=0)
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="Districting: cut_edges (as is) or inertia.")
    ] = None,
    contiguous: Annotated[
        bool | None,
        typer.Option("--contiguous/--any", help="Districting: whether districts are connected."),
    ] = None,
) -> None:
    """Solve one public instance on one thread, recount the answer and write it as JSON.

    Example:  allocate bench file c05100 --family gap --seconds 60 --seed 1 --out c05100.json
    """
    from allocate.benching import bench_file

    asked = {
        "districts": districts,
        "lower": lower,
        "upper": upper,
        "objective": objective,
        "contiguous": contiguous,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    line, code = bench_file(path, family, out, seconds=seconds, seed=seed, asked=given)
    typer.echo(line)
    raise typer.Exit(code)
