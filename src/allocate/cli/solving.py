"""``allocate solve``, ``check`` and ``rules``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import KeepUntil, Record, Where, app
from allocate.cli.progress import watching
from allocate.cli.written import written


@app.command()
def solve(
    scenario: Where,
    out: Annotated[
        Path | None, typer.Option(help="Result folder to write; it may not exist yet.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Time limit for all levels together.", min=0.1)
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(help="Gap to stop at, of what can be decided: 0.001 is 0.1%.", min=0.0),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.", min=0)] = None,
    work: Annotated[
        int | None,
        typer.Option(help="Runs of our engine's search, so that an answer repeats.", min=1),
    ] = None,
    method: Annotated[
        str, typer.Option(help="Engine: allocate (ours), highs, scip, cp-sat, or pulp (CBC).")
    ] = "allocate",
    start: Annotated[
        Path | None,
        typer.Option(help="Result folder of an earlier answer to start from."),
    ] = None,
    stress: Annotated[
        bool,
        typer.Option(help="Put the plan to the test as `allocate stress` does (winter beds)."),
    ] = True,
    record: Record = None,
    keep_until: KeepUntil = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Answer a question and print the summary; Ctrl-C keeps the best plan found.

    Example:  allocate solve leads_hand_back --out result --seconds 60
    """
    from allocate.cli.dates import as_day
    from allocate.files.target import check_free
    from allocate.ledger.entry import of_result
    from allocate.ledger.keeping import Recorder, place_of
    from allocate.recorded import solve_for

    if out is not None:
        check_free(out)
    recorder = Recorder(place_of(record))
    until = "" if keep_until is None else as_day("--keep-until", keep_until).isoformat()
    with watching(quiet) as watch:
        result = solve_for(
            recorder,
            scenario,
            seconds=seconds,
            gap=gap,
            seed=seed,
            work=work,
            method=method,
            start=start,
            watch=watch,
            stress=stress,
        )
    typer.echo(result.summary)
    if out is not None:
        result.write(out, pages=True)
        typer.echo(written(out))
    entry = of_result(result, scenario, method, folder=out, start_folder=start, keep_until=until)
    recorder.keep([entry])
    if words := recorder.words():
        typer.echo(words)
    raise typer.Exit(result.exit_code)


@app.command()
def check(
    scenario: Where,
    figures: Annotated[
        bool, typer.Option("--figures", help="Print every total, beside what papers claim.")
    ] = False,
    claims: Annotated[
        Path | None,
        typer.Option(help="Table of claims, .csv or .xlsx, in place of the case's own."),
    ] = None,
    assumed: Annotated[
        Path | None, typer.Option(help="CSV file to write: all that was assumed, row by row.")
    ] = None,
    bounds: Annotated[
        bool, typer.Option("--bounds", help="Prove the bounds of a result folder again.")
    ] = False,
) -> None:
    """Check a case or scenario without solving it, and print the totals it comes to.

    With --bounds, check what the bounds of an answer rest on.

    Example:  allocate check sefton --figures
    """
    if bounds:
        from allocate.bounds import check_bounds

        checked = check_bounds(scenario)
        typer.echo("\n".join(level.words for level in checked))
        raise typer.Exit(0 if all(level.stands for level in checked) else 1)
    from allocate.checking import check_question

    lines = check_question(scenario, figures=figures, claims=claims, assumed=assumed)
    typer.echo("\n".join(lines))


@app.command()
def rules(
    model: Annotated[str, typer.Argument(help="Model whose card to print.")] = "homecare",
    rule: Annotated[str | None, typer.Option(help="One rule only, in full.")] = None,
) -> None:
    """Print a model's card: its rules, their kinds and modes, terms, parameters and tables.

    Example:  allocate rules homecare --rule lead_accepts_share
    """
    from allocate.report.card import render_card

    typer.echo("\n".join(render_card(model, rule)))
