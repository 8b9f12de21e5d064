"""The Sefton cases add up to what the council's paper says, and hold together."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "scenarios" / "cases"
SHARED = ROOT.parent / "shared" / "data"
BOTH = pytest.mark.parametrize("case", ["sefton", "sefton-tender"])
TROUBLED = ["A3", "A4", "A5"]


def table(name: str, case: str = "sefton") -> pd.DataFrame:
    """Reads one table as text."""
    return pd.read_csv(CASES / case / f"{name}.csv", dtype=str, keep_default_na=False)


def area_of(case: str = "sefton") -> dict[str, str]:
    """The area of each place."""
    place_areas = table("place_areas", case)
    return dict(zip(place_areas["place_id"], place_areas["area_id"], strict=True))


def packages() -> pd.DataFrame:
    """The packages with their area and exact carer-hours."""
    rows = table("packages")
    rows["area_id"] = rows["place_id"].map(area_of())
    rows["carer_hours"] = [
        Decimal(hours) * int(carers)
        for hours, carers in zip(rows["hours_per_week"], rows["carers"], strict=True)
    ]
    return rows


def placed() -> pd.DataFrame:
    """The packages that have a provider."""
    rows = packages()
    return rows[rows["status"] == "placed"]


def waiting() -> pd.DataFrame:
    """The packages on the waiting list."""
    rows = packages()
    return rows[rows["status"] == "waiting"]


def providers() -> pd.DataFrame:
    """The providers with present work, spare hours and the areas they reach."""
    rows = table("providers").set_index("provider_id", drop=False)
    held = placed().groupby("provider_id")["carer_hours"].sum()
    rows["spare"] = [
        Decimal(capacity) - held.get(provider_id, Decimal(0))
        for provider_id, capacity in rows["capacity_hours"].items()
    ]
    reach = table("reach")
    reach["area_id"] = reach["place_id"].map(area_of())
    rows["areas"] = reach.groupby("provider_id")["area_id"].agg(set)
    return rows


def leads() -> dict[str, str]:
    """The present lead of each area."""
    areas = table("areas")
    return dict(zip(areas["area_id"], areas["lead_id"], strict=True))


def handed_back() -> pd.DataFrame:
    """What the leads of Areas 3, 4 and 5 hold in their own areas."""
    stock = placed()
    own = stock["area_id"].map(leads()) == stock["provider_id"]
    return stock[own & stock["area_id"].isin(TROUBLED)]


def able(package: pd.Series, rows: pd.DataFrame) -> set[str]:
    """The providers that take new work, reach the person and meet all needs."""
    needs = set(filter(None, package["needs"].split(";")))
    return {
        row.provider_id
        for row in rows.itertuples()
        if row.suspended == "No"
        and package["area_id"] in row.areas
        and needs <= set(row.needs.split(";"))
    }


# ------------------------------------------------------------------------------ the paper's totals


def test_placed_stock_is_that_of_the_paper() -> None:
    """There are 1,585 placed packages of exactly 19,154 carer-hours a week with 38 providers."""
    stock = placed()
    assert len(stock) == 1585
    assert stock["carer_hours"].sum() == Decimal("19154.00")
    assert len(table("providers")) == 38
    assert set(stock["provider_id"]) == set(table("providers")["provider_id"])


def test_waiting_list_is_that_of_the_paper() -> None:
    """Exactly 1,558 carer-hours wait, in all six areas, and most of them in Areas 3, 4 and 5."""
    by_area = waiting().groupby("area_id")["carer_hours"].sum()
    assert by_area.sum() == Decimal("1558.00")
    assert set(by_area.index) == set(leads())
    assert set(by_area.astype(float).nlargest(3).index) == set(TROUBLED)


def test_placed_stock_costs_what_the_paper_says() -> None:
    """Yearly cash, rounded half up once per package, comes to £15.8m."""
    (rate,) = table("rates")["rate_pounds_per_hour"]
    (share,) = table("parameters")["value"]
    yearly = Decimal(rate) * Decimal(share) * 365 / 7
    pence = Decimal("0.01")
    cash = sum((h * yearly).quantize(pence, ROUND_HALF_UP) for h in placed()["carer_hours"])
    assert (rate, share) == ("16.68", "0.948")
    assert (cash / 1_000_000).quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal("15.8")


def test_budgets_are_those_of_the_paper() -> None:
    """Areas 3, 4 and 5 have £300,000, £900,000 and £900,000 for 104 weeks, the others no limit."""
    areas = table("areas").set_index("area_id")
    budgets = areas["new_work_budget_pounds"].to_dict()
    assert budgets == {
        "A1": "", "A2": "", "A3": "300000", "A4": "900000", "A5": "900000", "A6": ""
    }  # fmt: skip
    assert set(areas.loc[TROUBLED, "budget_weeks"]) == {"104"}
    assert set(areas.loc[["A1", "A2", "A6"], "budget_weeks"]) == {""}


# ------------------------------------------------------------------------------- places and areas


def test_wards_and_borders_are_complete() -> None:
    """There are 22 wards of Sefton and 41 borders, each once and between two known wards."""
    places, borders = table("places"), table("borders")
    known = set(places["place_id"])
    pairs = {frozenset(pair) for pair in zip(borders["place_a"], borders["place_b"], strict=True)}
    assert len(known) == len(places) == 22
    assert set(places["authority_id"]) == {"E08000014"}
    assert len(pairs) == len(borders) == 41
    assert all(len(pair) == 2 and pair <= known for pair in pairs)
    assert borders["border_m"].astype(int).min() > 25


def test_areas_are_contiguous() -> None:
    """Every ward is in one of six areas, and each area is in one piece."""
    borders, areas = table("borders"), area_of()
    graph = nx.Graph(list(zip(borders["place_a"], borders["place_b"], strict=True)))
    assert set(areas) == set(table("places")["place_id"]) == set(graph)
    assert set(areas.values()) == set(leads())
    for area_id in leads():
        wards = [place_id for place_id, area in areas.items() if area == area_id]
        assert nx.is_connected(graph.subgraph(wards)), area_id


# --------------------------------------------------------------------------------------- packages


def test_packages_are_plausible() -> None:
    """Hours are quarter-hours, visits last 30 to 60 minutes and about a fifth need two carers."""
    rows = packages()
    hours = rows["hours_per_week"].map(Decimal)
    minutes = hours * 60 / rows["visits_per_week"].map(Decimal)
    assert rows["package_id"].is_unique
    assert all(value % Decimal("0.25") == 0 for value in hours)
    assert minutes.min() >= 30
    assert minutes.max() <= 60
    assert 0.20 <= (placed()["carers"] == "2").mean() <= 0.25
    stock = placed()["carer_hours"].astype(float)
    assert stock.median() < stock.mean()


def test_status_agrees_with_other_columns() -> None:
    """Placed people have a provider and a start date; waiting ones have days waited and neither."""
    stock, queue = placed(), waiting()
    assert len(stock) + len(queue) == len(packages())
    assert (stock[["provider_id", "start_date"]] != "").all(axis=None)
    assert (queue[["provider_id", "start_date", "locked"]] == "").all(axis=None)
    assert queue["days_waiting"].astype(int).between(1, 120).all()
    assert (stock["days_waiting"] == "").all()
    assert round((stock["locked"] == "Yes").mean(), 2) == 0.03
    shares = queue["priority"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({"1": 0.15, "2": 0.35, "3": 0.50}, abs=0.02)


def test_couples_live_together() -> None:
    """The 25 couples each live in one ward, and those both placed have one provider."""
    rows = packages()
    couples = rows[rows["household_id"] != ""].groupby("household_id")
    assert couples.ngroups == 25
    assert (couples.size() == 2).all()
    assert (couples["place_id"].nunique() == 1).all()
    present = placed()
    present = present[present["household_id"] != ""].groupby("household_id")["provider_id"]
    assert (present.nunique() == 1).all()


def test_waiting_partners_can_join_their_household() -> None:
    """Where one of a couple waits, the other's provider may take the first as well."""
    rows, market = packages(), providers()
    present = placed().query("household_id != ''").set_index("household_id")["provider_id"]
    queue = rows[(rows["status"] == "waiting") & rows["household_id"].isin(present.index)]
    assert len(queue) == 3
    for _, package in queue.iterrows():
        assert present[package["household_id"]] in able(package, market)


def test_needs_can_be_met() -> None:
    """Present providers meet their people's needs, and waiting people have several to go to."""
    market = providers()
    for _, package in placed().iterrows():
        needs = set(filter(None, package["needs"].split(";")))
        assert needs <= set(market.loc[package["provider_id"], "needs"].split(";"))
    for _, package in waiting().iterrows():
        assert len(able(package, market)) >= 2, package["package_id"]


def test_choices_are_possible() -> None:
    """People asked for a provider that may take them, or for the one they have."""
    market = providers()
    rows = packages()
    asked = rows[rows["choice_id"] != ""]
    assert 0.04 <= (waiting()["choice_id"] != "").mean() <= 0.08
    for _, package in asked.iterrows():
        if package["status"] == "placed":
            assert package["choice_id"] == package["provider_id"]
        else:
            assert package["choice_id"] in able(package, market)


def test_pins_agree_with_the_data() -> None:
    """Pins name known packages and providers; none contradicts who delivers a package now."""
    pins, rows = table("pins"), packages().set_index("package_id")
    assert len(pins) == 3
    for pin in pins.itertuples():
        package = rows.loc[pin.id]
        assert package["area_id"] in providers().loc[pin.other_id, "areas"]
        if pin.must_or_never == "must":
            assert package["provider_id"] == pin.other_id
        else:
            assert package["provider_id"] != pin.other_id


# -------------------------------------------------------------------------------------- providers


def test_nobody_works_outside_its_reach() -> None:
    """Every placed package is where its provider reaches; each place is reached by 12 to 20."""
    reach = table("reach")
    pairs = set(zip(reach["provider_id"], reach["place_id"], strict=True))
    stock = placed()
    assert set(zip(stock["provider_id"], stock["place_id"], strict=True)) <= pairs
    assert len(pairs) == len(reach)
    assert reach.groupby("place_id").size().between(12, 20).all()
    assert reach["travel_minutes_per_visit"].astype(int).min() >= 3


def test_capacity_covers_present_work() -> None:
    """Nobody holds more than its capacity, and 1,050 hours a week are spare in all."""
    market = providers()
    assert market["spare"].min() >= 0
    assert market["spare"].sum() == Decimal(1050)


def test_room_is_scarce_where_the_paper_says() -> None:
    """All the room that can be used in Areas 3, 4 and 5 is well below what waits there."""
    market = providers()
    reaching = market[market["areas"].map(lambda areas: bool(areas & set(TROUBLED)))]
    queue = waiting()
    needed = queue[queue["area_id"].isin(TROUBLED)]["carer_hours"].sum()
    assert reaching["spare"].sum() < needed * Decimal("0.6")
    elsewhere = queue[~queue["area_id"].isin(TROUBLED)]["carer_hours"].sum()
    others = market["areas"].map(lambda areas: bool(areas - set(TROUBLED)))
    assert market[others]["spare"].sum() > elsewhere


def test_market_mix() -> None:
    """Ratings, owners and the one suspended provider are as the case describes them."""
    market = table("providers")
    assert market["cqc_rating"].value_counts().to_dict() == {
        "Good": 28,
        "Requires improvement": 5,
        "Outstanding": 2,
        "not yet rated": 2,
        "Inadequate": 1,
    }
    assert market.loc[market["suspended"] == "Yes", "cqc_rating"].tolist() == ["Inadequate"]
    assert market["owner_id"].nunique() == 30
    assert ((market["can_lead"] == "Yes") == (market["growth_hours"] != "")).all()
    assert set(market["basis"]) == {"recorded", "provider said", "assumed"}


def test_every_need_can_be_met_in_every_area() -> None:
    """At least three providers that take new work meet each need in each area."""
    market = providers()
    working = market[market["suspended"] == "No"]
    for need in {need for needs in market["needs"] for need in needs.split(";")}:
        for area_id in leads():
            serving = sum(
                need in row.needs.split(";") and area_id in row.areas
                for row in working.itertuples()
            )
            assert serving >= 3, (need, area_id)


# ------------------------------------------------------------------------------------------ leads


def test_leads_hold_the_most_work_of_their_area() -> None:
    """Six different leads may lead, reach their area and hold the largest part of its work."""
    market, stock = providers(), placed()
    assert len(set(leads().values())) == 6
    for area_id, lead_id in leads().items():
        held = stock[stock["area_id"] == area_id].groupby("provider_id")["carer_hours"].sum()
        assert market.loc[lead_id, "can_lead"] == "Yes"
        assert area_id in market.loc[lead_id, "areas"]
        assert held.astype(float).idxmax() == lead_id


def test_hand_back_is_of_the_stated_size() -> None:
    """The leads of Areas 3, 4 and 5 would hand back about a third of their areas' work."""
    back, stock = handed_back(), placed()
    for area_id in TROUBLED:
        total = stock[stock["area_id"] == area_id]["carer_hours"].sum()
        share = back[back["area_id"] == area_id]["carer_hours"].sum() / total
        assert Decimal("0.25") <= share <= Decimal("0.36")
    assert 250 <= len(back) <= 320


def test_new_leads_could_take_most_but_not_all() -> None:
    """Three new leads and the room of others cover 75 to 85% of what would need a provider."""
    market = providers()
    market = market[(market["suspended"] == "No")]
    market = market[~market["provider_id"].isin([leads()[area_id] for area_id in TROUBLED])]
    good = market[market["cqc_rating"].isin(["Good", "Outstanding"])]
    candidates = good[good["can_lead"] == "Yes"]
    for area_id in TROUBLED:
        assert candidates["areas"].map(lambda areas, a=area_id: a in areas).sum() >= 5
    reaching = market["areas"].map(lambda areas: bool(areas & set(TROUBLED)))
    growth = candidates["growth_hours"].astype(float).nlargest(3).sum()
    room = float(market[reaching]["spare"].sum()) + 0.8 * growth
    queue = waiting()
    queue = queue[queue["area_id"].isin(TROUBLED)]
    needed = float(handed_back()["carer_hours"].sum() + queue["carer_hours"].sum())
    assert 0.75 <= room / needed <= 0.85


def test_leads_accept_referrals_as_the_paper_says() -> None:
    """The leads of Areas 3, 4 and 5 accepted clearly below 90% of referrals, the others above."""
    rows = table("referrals")
    rows["area_id"] = rows["place_id"].map(area_of())
    offered = rows[rows["offered_to"] == rows["area_id"].map(leads())]
    accepted = (offered["answer"] == "accepted").groupby(offered["area_id"]).mean()
    assert 550 <= len(rows) <= 650
    assert (accepted[TROUBLED] < 0.8).all()
    assert (accepted.drop(TROUBLED) > 0.9).all()
    assert ((rows["reason"] != "") == (rows["answer"] == "declined")).all()


# ----------------------------------------------------------------------------------------- tender


def test_tender_differs_in_rates_alone() -> None:
    """The tender case is complete; only its rates, and what is said of them, are its own."""
    names = {path.name for path in (CASES / "sefton").glob("*.csv")}
    assert names == {path.name for path in (CASES / "sefton-tender").glob("*.csv")}
    for name in names - {"rates.csv", "sources.csv"}:
        copy = CASES / "sefton-tender" / name
        assert copy.read_bytes() == (CASES / "sefton" / name).read_bytes(), name


def test_tender_has_a_bid_for_every_reach() -> None:
    """Each provider bids one rate an area, in every place it reaches, from £16.40 to £22.50."""
    rates, reach = table("rates", "sefton-tender"), table("reach")
    pairs = ["provider_id", "place_id"]
    assert rates[pairs].equals(reach[pairs])
    rates["area_id"] = rates["place_id"].map(area_of())
    bids = rates.groupby(["provider_id", "area_id"])["rate_pounds_per_hour"]
    assert (bids.nunique() == 1).all()
    assert rates["rate_pounds_per_hour"].astype(float).between(16.40, 22.50).all()


# ---------------------------------------------------------------------------------- files as such


@BOTH
def test_columns_are_those_of_the_card(case: str) -> None:
    """Every table is one of the card's and has all its columns in the card's order.

    Which providers are small firms (``sme``) no paper says, so that the column is left out.
    """
    tables: dict[str, dict[str, list[dict[str, str]]]] = {}
    for card in ("shared.toml", "homecare/card.toml"):
        tables |= tomllib.loads((ROOT / "models" / card).read_text(encoding="utf-8"))["tables"]
    for path in (CASES / case).glob("*.csv"):
        fields = [column["name"] for column in tables[path.stem]["fields"]]
        fields = [name for name in fields if name != "sme"]
        assert list(table(path.stem, case).columns) == fields, path.name


@BOTH
def test_generator_writes_the_committed_files(case: str, tmp_path: Path) -> None:
    """Running the generator again gives the same bytes with LF line ends."""
    script = CASES / "sefton" / "generate.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    written = sorted((tmp_path / case).glob("*.csv"))
    committed = {path.name for path in (CASES / case).glob("*.csv")}
    real = {"places.csv", "borders.csv", "claims.csv"} if case == "sefton" else set()
    assert {path.name for path in written} == committed - real
    for path in written:
        assert path.read_bytes() == (CASES / case / path.name).read_bytes(), path.name
        assert b"\r" not in path.read_bytes()


@pytest.mark.skipif(not SHARED.exists(), reason="the public files are not beside the repository")
def test_wards_equal_the_public_files() -> None:
    """Codes, names, centroids, residents and borders are those of the public files."""
    places = table("places")
    centroids = pd.read_csv(SHARED / "geo" / "lcr_wards_wd21_centroids.csv", dtype=str)
    centroids = centroids[centroids["lad_name"] == "Sefton"].sort_values("WD21CD")
    people = pd.read_csv(SHARED / "pop" / "lcr_ward17_population_mid2020_bestfit.csv", dtype=str)
    people = people[people["ltla_name"] == "Sefton"].sort_values("ward17_code")
    for column, source in {
        "place_id": centroids["WD21CD"],
        "name": centroids["WD21NM"],
        "easting_m": centroids["centroid_easting"],
        "northing_m": centroids["centroid_northing"],
        "population_75_plus": people["p_75plus"],
    }.items():
        assert places[column].tolist() == source.tolist(), column
    edges = pd.read_csv(SHARED / "geo" / "lcr_wards_wd21_adjacency.csv", dtype=str)
    edges = edges.query("lad_a == 'Sefton' and lad_b == 'Sefton' and contiguity == 'rook'")
    ends = zip(edges["code_a"], edges["code_b"], edges["shared_boundary_m"], strict=True)
    borders = table("borders")
    own = zip(borders["place_a"], borders["place_b"], borders["border_m"], strict=True)
    assert {(frozenset((a, b)), m) for a, b, m in own} == {
        (frozenset((a, b)), m) for a, b, m in ends
    }
