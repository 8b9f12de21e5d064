"""Who is one provider, and what it is paid."""

from __future__ import annotations

from typing import Any

import pytest

from allocate.errors import BadInput
from helpers.extracts import MAP, Council


def lines(council: Council, *written: tuple[str, str], **more: Any) -> list[dict[str, str]]:
    """A line of another person for each code and name."""
    return [
        council.line(Client_ID=str(n), Provider_Ref=code, Provider_Name=name, **more)
        for n, (code, name) in enumerate(written)
    ]


def test_ways_to_write_a_name_are_one_provider(council: Council) -> None:
    """Capitals, dots, spaces, &, and Ltd or Limited make no other provider; ids go by name."""
    written = (
        ("", "Birch & Sons Ltd"),
        ("", "BIRCH AND SONS LIMITED "),
        ("", "Birch & Sons Ltd."),
        ("", "Alder Care"),
    )
    case = council.import_lines(*lines(council, *written))
    names = {row["provider_id"]: row["name"] for row in case.table("providers")}
    assert names == {"H01": "Alder Care", "H02": "Birch & Sons Ltd"}
    assert "dots, or Ltd and Limited alone: H02" in case.summary


def test_one_code_is_one_provider(council: Council) -> None:
    """Two names under one code are one provider, and the other name is told."""
    written = (
        ("7", "Alder Care"),
        ("7", "Alder Care"),
        ("7", "Olde Alder"),
        ("", "alder care ltd"),
    )
    case = council.import_lines(*lines(council, *written))
    assert case.table("providers") == [{"provider_id": "7", "name": "Alder Care"}]
    assert "one code with other names, Olde Alder" in case.summary


def test_one_name_under_two_codes_is_two_providers(council: Council) -> None:
    """Codes are trusted before names, and that is told."""
    case = council.import_lines(*lines(council, ("7", "Alder Care"), ("8", "Alder Care")))
    assert [row["provider_id"] for row in case.table("providers")] == ["7", "8"]
    assert "stands under codes 7, 8, which are kept apart" in case.summary


def test_near_names_are_told_and_not_merged(council: Council) -> None:
    """A name that may be a slip of the pen is told; words that all names share make none near."""
    written = [("", f"Example Care {name}") for name in ("Bracken", "Braken", "Rowan", "Sorrel")]
    case = council.import_lines(*lines(council, *written))
    assert len(case.table("providers")) == 4
    assert "H01 Example Care Bracken and H02 Example Care Braken are near in name" in case.summary
    assert case.summary.count("near in name") == 1


HARBOUR = (("", "Harbour Homecare Ltd"), ("", "HARBOUR HOME CARE LIMITED"), ("", "Alder"))


def test_near_names_can_be_joined_by_the_map(council: Council) -> None:
    """The message has the line to add; with it two spellings are one provider."""
    told = '"HARBOUR HOME CARE LIMITED" = "Harbour Homecare Ltd"'
    harbour = HARBOUR[::-1]
    apart = council.import_lines(*lines(council, *harbour))
    (line,) = [line for line in apart.summary.splitlines() if "near in name" in line]
    way, _, remedy = line.partition("add to the map, under [providers]: ")
    assert way.endswith("and are kept apart. If they are one, ")
    assert remedy in (told, '"Harbour Homecare Ltd" = "HARBOUR HOME CARE LIMITED"')
    council.map_text = f"{MAP}\n[providers]\n{told}\n"
    case = council.import_lines(*lines(council, *harbour))
    names = {row["provider_id"]: row["name"] for row in case.table("providers")}
    assert names == {"H01": "Alder", "H02": "Harbour Homecare Ltd"}
    assert {row["provider_id"] for row in case.table("packages")} == {"H01", "H02"}
    assert "near in name" not in case.summary
    assert "HARBOUR HOME CARE LIMITED: joined to H02 by the map" in case.summary


def test_codes_can_be_joined_by_the_map(council: Council) -> None:
    """A code is joined with all its names, and the one that stays keeps its code and name."""
    council.map_text = f'{MAP}\n[providers]\n8 = "7"\n"Elder" = "7"\n'
    written = [("7", "Alder Care"), ("8", "Alder Care"), ("8", "Old Alder"), ("", "Elder")]
    written += [("", "Alder Care")]  # follows its codes, now that they are one
    case = council.import_lines(*lines(council, *written))
    assert case.table("providers") == [{"provider_id": "7", "name": "Alder Care"}]
    assert "kept apart" not in case.summary


@pytest.mark.parametrize(
    ("joins", "problem"),
    [
        ('"Harbour Homecare" = "Aldr"', 'no line names "Aldr" (closest: "alder")'),
        (
            '"Harbour Homecare" = "Alder"\nAlder = "Harbour Home Care"',
            '"Alder" is joined to another',
        ),
        (
            '"Harbour Homecare" = "Alder"\n"Harbour Homecare Ltd" = "Harbour Home Care"',
            '"Harbour Homecare Ltd" is joined to another provider too',
        ),
        ('Alder = "Twice"', '"Twice" stands under codes 1, 2. Name the code'),
    ],
)
def test_joins_that_cannot_be_made_are_told(council: Council, joins: str, problem: str) -> None:
    """A name that no line has, two targets, or a chain are faults of the map."""
    council.map_text = f"{MAP}\n[providers]\n{joins}\n"
    with pytest.raises(BadInput) as refused:
        council.import_lines(*lines(council, *HARBOUR, ("1", "Twice"), ("2", "Twice")))
    assert problem in str(refused.value)
    assert "map.toml, providers: " in str(refused.value)


def test_a_join_that_no_line_needs_is_told(council: Council) -> None:
    """Next month a name may be gone: the map need not change."""
    council.map_text = f'{MAP}\n[providers]\n"Old name" = "Gone too"\n'
    case = council.import_lines(council.line())
    assert 'No line names "Old name", which the map joins to "Gone too"' in case.summary


def test_a_made_up_id_is_no_code(council: Council) -> None:
    """A provider without a code never gets an id that is another's code."""
    case = council.import_lines(*lines(council, ("H01", "Zelkova"), ("", "Alder Care")))
    names = {row["provider_id"]: row["name"] for row in case.table("providers")}
    assert names == {"H01": "Zelkova", "H02": "Alder Care"}


def rates(council: Council, *priced: tuple[str, str, str], extra: str = "") -> dict[str, str]:
    """Rates by "provider place" of lines with a code, a postcode and a rate."""
    written = [
        council.line(
            Client_ID=str(n), Provider_Ref=code, Provider_Name=code, Post_Code=at, Rate=rate
        )
        for n, (code, at, rate) in enumerate(priced)
    ]
    case = council.import_lines(*written)
    if extra:
        assert extra in case.summary
    return {
        f"{row['provider_id']} {row['place_id']}".strip(): row["rate_pounds_per_hour"]
        for row in case.table("rates")
    }


NORTH, SOUTH = "ZZ1 1CK", "ZZ2 2CK"


def test_one_rate_for_all(council: Council) -> None:
    """Where all pay the same there is one row."""
    assert rates(council, ("A", NORTH, "£20"), ("B", SOUTH, "20.00")) == {"": "20.00"}


def test_a_provider_with_another_rate(council: Council) -> None:
    """A provider whose commonest rate differs has a row; its odd lines are counted and listed."""
    priced = [("A", NORTH, "20")] * 4 + [("B", NORTH, "21.5")] * 2 + [("B", NORTH, "30")]
    told = "1 line pay another rate than the case has for its provider: rows 8"
    assert rates(council, *priced, extra=told) == {"": "20.00", "B": "21.50"}


def test_a_place_with_another_rate(council: Council) -> None:
    """A place has a row where most of the provider's lines there, and three at least, pay it."""
    priced = [("A", NORTH, "20")] * 5 + [("A", SOUTH, "22")] * 3
    assert rates(council, *priced) == {"": "20.00", "A W2": "22.00"}
    few = [("A", NORTH, "20")] * 5 + [("A", SOUTH, "22")] * 2
    assert rates(council, *few) == {"": "20.00"}


def test_rates_from_the_weekly_cost(council: Council) -> None:
    """Without a rate the weekly cost over carer-hours gives it, in whole pence."""
    council.map_text = MAP.replace('rate = "Rate"', 'weekly_cost = "Rate"')
    case = council.import_lines(council.line(Hours_pw="7.33", Rate="£122.32"))
    assert case.table("rates") == [
        {"provider_id": "", "place_id": "", "rate_pounds_per_hour": "16.68"}
    ]


def test_a_rate_of_the_map(council: Council) -> None:
    """Where the extract has no rates the map's parameter stands in the case."""
    council.map_text = MAP.replace('rate = "Rate"\n', "") + (
        "\n[parameters]\nrate_pounds_per_hour = 18.5\n"
    )
    case = council.import_lines(council.line())
    assert "rates" not in case.imported.tables
    assert case.table("parameters") == [
        {"parameter_id": "rate_pounds_per_hour", "value": "18.5", "note": "From the map"}
    ]
