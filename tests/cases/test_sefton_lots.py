"""The case of bidders for Sefton's wards: what is written is what the generator writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from allocate.card import shipped
from allocate.checking import check_question

CASE = shipped("scenarios", "cases", "sefton_lots")


def test_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    """Every table but sources.csv comes out of the generator byte for byte."""
    folder = tmp_path / "case"
    subprocess.run([sys.executable, CASE / "generate.py", folder], check=True)
    written = {path.name for path in folder.glob("*.csv")}
    assert written == {path.name for path in CASE.glob("*.csv")} - {"sources.csv"}
    for name in written:
        assert (folder / name).read_bytes() == (CASE / name).read_bytes(), name


def test_no_fault_is_found() -> None:
    """The scenarios on these wards and LSOAs can be read as they are."""
    for name in ("cheapest_lots", "six_areas_of_lsoas", "region_in_36", "two_to_eight_areas"):
        assert check_question(name)
