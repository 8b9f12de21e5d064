"""Questions of lots to measure: the shipped ones, but for studies of several designs."""

from __future__ import annotations

NAMES = (
    "six_areas_of_lsoas",
    "region_in_36",
    "region_without_crossings",
    "two_to_eight_areas",
    "six_areas_of_wards",
    "fewest_change_area",
    "cheapest_lots",
    "complex_care_award",
)
# Ways of spopt, none of them a method of the product: installed for the benchmark only.
SPOPT = ("spopt-ward", "spopt-skater", "spopt-k-means", "spopt-max-p")
