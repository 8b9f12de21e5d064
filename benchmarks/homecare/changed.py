"""The borough, changed: one thing is other than in the question that is solved before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.homecare.families import SIZES, family_of
from benchmarks.homecare.recipe import Made, make
from benchmarks.homecare.written import write_generated

FROM = "borough"
KINDS = ("ward", "capacity")  # what changes
NAMES = {f"{name}-{kind}": (name, kind) for name in SIZES[FROM] for kind in KINDS}

QUESTIONS = {
    "ward": "The same, if the ward next to another area's belonged there?",
    "capacity": "The same, if the largest provider had a tenth less to give?",
}
SCENARIO = """\
# Synthetic: a change to `{extends}`.
question = "{question}"
extends = "{extends}"

[[change]]
{change}
"""


def write_changed(name: str, seed: int, folder: Path) -> Path:
    """Write a generated borough and a question that changes it; return the question's file.

    Parameters
    ----------
    name
        One of ``NAMES``.
    seed, folder
        As for ``write_generated``.
    """
    extends, kind = NAMES[name]
    whole = write_generated(extends, seed, folder)
    made = make(SIZES[family_of(extends)][extends], seed)
    change = _ward(made) if kind == "ward" else _capacity(made)
    text = SCENARIO.format(extends=extends, question=QUESTIONS[kind], change=change)
    path = whole.with_name(f"{name}.toml")
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _ward(made: Made) -> str:
    """Move the place that lies nearest to one of another area there."""
    apart = np.linalg.norm(made.place_at[:, None] - made.place_at[None], axis=2)
    apart[made.place_area[:, None] == made.place_area[None]] = np.inf
    moved, there = np.unravel_index(int(np.argmin(apart)), apart.shape)
    area = int(made.place_area[there]) + 1
    places, areas = len(str(len(made.place_area))), len(str(len(made.lead)))
    return (
        f'table = "place_areas"\nwhere = {{ place_id = "W{int(moved) + 1:0{places}d}" }}\n'
        f'set = {{ area_id = "A{area:0{areas}d}" }}'
    )


def _capacity(made: Made) -> str:
    """Take a tenth from the provider that has most."""
    largest, digits = int(np.argmax(made.capacity)) + 1, len(str(made.shape.providers))
    return (
        f'table = "providers"\nwhere = {{ provider_id = "H{largest:0{digits}d}" }}\n'
        "scale = { capacity_hours = 0.9 }"
    )
