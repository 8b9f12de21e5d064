"""Winters to measure: the Sefton winter by number of samples and of possible bookings."""

from __future__ import annotations

from pathlib import Path

# By family: samples, and weeks between possible bookings. Two weeks make 858 of them in 20 weeks, 2
# zones and 4 care types; whole winters and quarters of them are few enough for a general solver to
# come to the end of the extensive form.
SIZES = {
    "winter": {
        "winter-10": (10, 2),
        "winter-60": (60, 2),
        "winter-200": (200, 2),
        "winter-1000": (1000, 2),
    },
    "winter-small": {
        "winter-whole-2": (2, 20),
        "winter-whole-5": (5, 20),
        "winter-whole-10": (10, 20),
        "winter-quarters-2": (2, 5),
    },
}
SPPY = "mpi-sppy"  # none of the product's methods: installed for the benchmark only


def write_winter(name: str, seed: int, folder: Path) -> Path:
    """Write the question of a winter with so many samples.

    Parameters
    ----------
    name
        One in ``SIZES``.
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
    samples, apart = next(sizes[name] for sizes in SIZES.values() if name in sizes)
    path.write_text(
        f'question = "Which beds, judged by {samples} possible winters?"\n'
        'extends = "middle_winter"\n\n'
        "[parameters]\n"
        f"winters = {samples}\n"
        f"winter_seed = {seed}\n"
        f"booking_step_weeks = {apart}\n",
        encoding="utf-8",
        newline="\n",
    )
    return path
