"""Winters to measure: the Sefton winter with bookings two weeks apart, by number of samples."""

from __future__ import annotations

from pathlib import Path

SIZES = {"winter-10": 10, "winter-60": 60, "winter-200": 200, "winter-1000": 1000}
SPPY = "mpi-sppy"  # none of the product's methods: installed for the benchmark only
APART = 2  # weeks between possible bookings: 858 of them in 20 weeks, 2 zones and 4 care types


def write_winter(name: str, seed: int, folder: Path) -> Path:
    """Write the question of a winter with so many samples.

    Parameters
    ----------
    name
        One of ``SIZES``.
    seed
        Of the winters.
    folder
        Where to.

    Returns
    -------
    Path
        The scenario.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(
        f'question = "Which beds, judged by {SIZES[name]} possible winters?"\n'
        'extends = "middle_winter"\n\n'
        "[parameters]\n"
        f"winters = {SIZES[name]}\n"
        f"winter_seed = {seed}\n"
        f"booking_step_weeks = {APART}\n",
        encoding="utf-8",
        newline="\n",
    )
    return path
