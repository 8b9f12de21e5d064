"""The generated families, their sizes, and the question that each asks."""

from __future__ import annotations

from benchmarks.homecare.recipe import Made, Shape

SIZES = {
    "borough": {
        "borough": Shape(1, 1_715, 38),
        "borough-800": Shape(1, 800, 20),
        "borough-300": Shape(1, 300, 10),
    },
    "borough-full": {
        "borough-full": Shape(1, 1_715, 38),
        "borough-full-800": Shape(1, 800, 20),
        "borough-full-300": Shape(1, 300, 10),
    },
    "region": {
        "region": Shape(6, 9_500, 230, across=0.4),
        "region-2": Shape(2, 3_170, 76, across=0.4),
    },
    "england": {
        "england": Shape(150, 500_000, 5_700, across=0.2),
        "england-30": Shape(30, 100_000, 1_140, across=0.2),
        "england-6": Shape(6, 20_000, 228, across=0.2),
    },
}

# What each counts for in pounds a year: an hour that waits, a referral that its lead passes by, a
# minute of travel a week, and a round that somebody has to run. Waiting is counted in minutes x
# thousandths x days of 28: at this price a step is worth a whole half-penny, as cash is.
WAITING, SHORTFALL, TRAVEL, ROUND = 8_400, 500, 10, 2_000

QUESTIONS = {
    "borough": "Who leads each area and who has each package, if everybody may move?",
    "borough-full": "The same, if rounds cost and all that a council would insist on is hard?",
    "region": "The same as the borough, over authorities that share providers?",
    "england": "The same as the borough, over the whole country?",
}

SCENARIO = """\
# Synthetic: written by `python -m benchmarks generate {name} --seed {seed}`.
question = "{question}"
case = "{case}"
model = "homecare"

[objective.priced]
{prices}

[rules.moves_limit]
mode = "off"

[rules.step_in]
mode = "off"

{rules}[limits]
seconds = 60
gap = 0.0001
"""

FULL = """\
[rules.lead_accepts_share]
mode = "hard"

[rules.viable_round]
mode = "hard"
value = 30

[rules.share_limit]
mode = "hard"
value = {share}
"""


def family_of(name: str) -> str:
    """Return the family of a generated case; an empty string where there is no such case."""
    return next((family for family, sizes in SIZES.items() if name in sizes), "")


def scenario(name: str, case: str, seed: int, made: Made) -> str:
    """Write the question of a generated case as a scenario file.

    Parameters
    ----------
    name, case
        Of the scenario and of its case's folder.
    seed, made
        What it was made from.
    """
    family = family_of(name)
    full = family == "borough-full"
    prices = {"waiting": WAITING, "shortfalls": SHORTFALL, "cash": 1, "travel": TRAVEL}
    if full:
        prices["rounds"] = ROUND
    return SCENARIO.format(
        name=name,
        seed=seed,
        case=case,
        question=QUESTIONS[family],
        prices="\n".join(f"{term} = {price}" for term, price in prices.items()),
        rules=FULL.format(share=made.largest_share) + "\n" if full else "",
    )
