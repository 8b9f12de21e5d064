"""Columns that say who somebody is: told by heading and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from allocate.intake.extract import folded

# Words of a heading, after folding. The order matters: a "client name" is a name, no client id.
HEADINGS = {
    "names": r"\b(fore ?names?|sur ?names?|(first|last|middle|full|family|given|preferred|known) "
    r"(names?|as)|(client|person|customer|service user|citizen|resident|patient|adult|su|carer|"
    r"worker|gp|next of kin|nok) ?names?|name|initials|title)$|\bkin\b|^nok\b",
    "dates of birth": r"\b(dob|d o b|birth|born)\b|^age\b",
    "dates of death": r"\bdeath\b|\bdied\b",
    "NHS numbers": r"\bnhs\b",
    "National Insurance numbers": r"\b(national insurance|nino|ni (no|number))\b",
    "addresses": r"\b(address|street|house|uprn|town|post ?code)\b",
    "phone numbers": r"\b(phone|telephone|mobile|tel)\b",
    "email addresses": r"\be ?mail\b",
    "protected characteristics": r"\b(gender|sex|ethnic\w*|religion|disab\w+|language|marital)\b",
    "free text": r"\b(notes?|comments?|narrative|remarks?|free text)\b",
}
# Headings that name no person though they end in "name".
NO_PERSON = re.compile(
    r"\b(provider|supplier|organisation|agency|company|team|ward|area|element|place|locality|"
    r"district|service(?! user))\b"
)
VALUES = {
    "NHS numbers": re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}$"),
    "National Insurance numbers": re.compile(r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]$", re.I),
    "phone numbers": re.compile(r"(\+44|0)[\d ()-]{9,14}$"),
    "email addresses": re.compile(r"[^@\s]+@[^@\s]+\.\w+$"),
    "postcodes": re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$", re.I),
    "dates of birth": re.compile(
        r"(\d{1,2}[/.-]\d{1,2}[/.-]19[0-8]\d|19[0-8]\d-\d{2}-\d{2})(\D.*)?$"
    ),
}
# What may not be an id even after hashing: it changes, and two people may share it.
NO_ID = {"names", "dates of birth", "addresses", "free text"}


def personal_heading(heading: str) -> str:
    """What personal thing a heading promises; empty where it promises none."""
    words = folded(heading)
    if NO_PERSON.search(words):
        return ""
    return next((kind for kind, find in HEADINGS.items() if re.search(find, words)), "")


def personal(heading: str, values: Sequence[str]) -> str:
    """What personal thing a column holds, by its heading or by most of its values."""
    if kind := personal_heading(heading):
        return kind
    some = values[:500]
    for kind, find in VALUES.items():
        if some and sum(bool(find.match(value)) for value in some) * 2 > len(some):
            return kind
    return ""
