"""The command line. Heavy packages load inside the commands, so that ``--help`` is quick."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from allocate.core.outcome import Watch

app = typer.Typer(
    help="Decide who delivers home care and who leads each area: with a proven bound, an "
    "independent check and the reasons.\n\nExample:  allocate solve leads_hand_back --out result",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Where = Annotated[
    str, typer.Argument(help="A scenario file, a case folder, or the name of a shipped one.")
]


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
    method: Annotated[
        str, typer.Option(help="Solver: highs, scip, cp-sat, or pulp (CBC).")
    ] = "highs",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Answer a question and print the summary; Ctrl-C keeps the best plan found.

    Example:  allocate solve leads_hand_back --out result --seconds 60
    """
    from allocate.result import check_free
    from allocate.solving import solve as answer

    if out is not None:
        check_free(out)
    with _watch(quiet) as watch:
        result = answer(scenario, seconds=seconds, gap=gap, seed=seed, method=method, watch=watch)
    typer.echo(result.summary)
    if out is not None:
        result.write(out)
        typer.echo(f"\nWritten to {out}: {', '.join(sorted(f.name for f in out.iterdir()))}")
    raise typer.Exit(result.exit_code)


@app.command()
def check(scenario: Where) -> None:
    """Check a case or scenario without solving it, and print the totals it comes to.

    Example:  allocate check scenarios/cases/sefton
    """
    from allocate.checking import check_question

    typer.echo("\n".join(check_question(scenario)))


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


@contextmanager
def _watch(quiet: bool) -> Iterator[Watch]:
    """Show progress on the error stream and let Ctrl-C ask the solver to stop."""
    from allocate.core.outcome import Watch

    watch = Watch()
    live = sys.stderr.isatty()
    last = ("", 0.0)

    def report(level: str, best: float | None, bound: float | None, seconds: float) -> None:
        nonlocal last
        now = time.monotonic()
        if level == last[0] and now - last[1] < (0.2 if live else 5.0):
            return
        last = (level, now)
        shown = "no plan yet" if best is None else f"best {best:,.10g}"
        proven = "" if bound is None else f", bound {bound:,.10g}"
        gap = ""
        if best is not None and bound is not None:
            gap = f", apart {best - bound:,.4g}"
        line = f"{level}: {shown}{proven}{gap}, {seconds:.1f} s"
        sys.stderr.write(f"\r{line:<79}" if live else f"{line}\n")
        sys.stderr.flush()

    def stop(*_: object) -> None:
        if watch.stop:
            raise KeyboardInterrupt
        watch.stop = True
        sys.stderr.write("\nStopping: keeping the best plan found. Ctrl-C again ends at once.\n")

    if not quiet:
        watch.report = report
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
        if live and not quiet:
            sys.stderr.write("\r" + " " * 79 + "\r")


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


if __name__ == "__main__":
    main()
