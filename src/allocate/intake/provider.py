"""Who is one provider: by code, or by a name that differs only in how it is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from allocate.intake.extract import folded
from allocate.intake.line import Line

ALIKE = 0.85  # share of a name's letters from which another is told as near it
COMMON = 2  # names that a word may stand in and still tell one provider from another
LISTED = 12  # ids told before "and more"
LEGAL = {"ltd", "limited", "llp", "plc", "cic"}


@dataclass(frozen=True)
class Providers:
    """Providers of the lines that are kept.

    Parameters
    ----------
    names
        Name of each provider, by id.
    id_of
        Id by what a line says: (code, folded name).
    merged
        Spellings that were taken for one provider, a sentence each.
    warnings
        Names that are near one another and were not merged, and names under two codes.
    """

    names: Mapping[str, str]
    id_of: Mapping[tuple[str, str], str]
    merged: tuple[str, ...]
    warnings: tuple[str, ...]

    def of(self, line: Line) -> str:
        """Id of a line's provider; empty where the person waits."""
        return "" if line.waiting else self.id_of[_said(line)]


def plain_name(name: str) -> str:
    """Fold a name so that capitals, dots, spaces, & and Ltd or Limited make no difference."""
    words = folded(name.replace("&", " and ")).split()
    return " ".join(word for word in words if word not in LEGAL) or folded(name)


def _said(line: Line) -> tuple[str, str]:
    return line.code, plain_name(line.provider)


def join_providers(lines: Iterable[Line]) -> Providers:
    """Find out which lines have one provider, and give each an id.

    Ids are the codes of the system; a provider without one gets H01, H02 ... in order of name.
    """
    spelt: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        if not line.waiting:
            spelt[_said(line)][line.provider] += 1
    codes_of: dict[str, set[str]] = defaultdict(set)
    for code, plain in spelt:
        if code and plain:
            codes_of[plain].add(code)
    # A name without a code is the provider that has the name with one, where that is only one.
    key_of = {
        (code, plain): code
        or (next(iter(codes_of[plain])) if len(codes_of[plain]) == 1 else f"name {plain}")
        for code, plain in spelt
    }
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for said, counts in spelt.items():
        spellings[key_of[said]] += counts
    chosen = {key: _commonest(counts) or key for key, counts in spellings.items()}
    ids = _ids(chosen, {code for code, _ in spelt if code})
    return Providers(
        names={ids[key]: chosen[key] for key in sorted(chosen, key=lambda key: ids[key])},
        id_of={said: ids[key] for said, key in key_of.items()},
        merged=tuple(_merged(spellings, chosen, ids)),
        warnings=(*_two_codes(codes_of, spelt), *_near(chosen, ids)),
    )


def _commonest(counts: Counter[str]) -> str:
    """The spelling that stands most often; of equals one that does not shout."""
    return min(counts, key=lambda name: (-counts[name], name.isupper(), name))


def _ids(chosen: Mapping[str, str], codes: set[str]) -> dict[str, str]:
    ids = {key: key for key in chosen if key in codes}
    unnamed = sorted((key for key in chosen if key not in codes), key=lambda k: (chosen[k], k))
    width, number = max(2, len(str(len(chosen)))), 0
    for key in unnamed:
        number += 1
        while f"H{number:0{width}d}" in codes:
            number += 1
        ids[key] = f"H{number:0{width}d}"
    return ids


def _merged(
    spellings: Mapping[str, Counter[str]], chosen: Mapping[str, str], ids: Mapping[str, str]
) -> Iterable[str]:
    """Say who was joined: other names one by one, other ways to write a name in one sentence."""
    rewritten = []
    for key in sorted(spellings, key=lambda key: ids[key]):
        written = {name for name in spellings[key] if name}
        other = sorted(n for n in written if plain_name(n) != plain_name(chosen[key]))
        if other:
            yield f"{ids[key]} {chosen[key]}: one code with other names, {'; '.join(other)}"
        if len(written) - len(other) > 1:
            rewritten.append(ids[key])
    if rewritten:
        more = f" and {len(rewritten) - LISTED} more" if len(rewritten) > LISTED else ""
        yield (
            "Written in several ways that differ in capitals, spaces, dots, or Ltd and Limited "
            f"alone: {', '.join(rewritten[:LISTED])}{more}"
        )


def _two_codes(
    codes_of: Mapping[str, set[str]], spelt: Mapping[tuple[str, str], Counter[str]]
) -> Iterable[str]:
    for plain, codes in sorted(codes_of.items()):
        if len(codes) > 1:
            name = _commonest(spelt[min(codes), plain])
            yield f"{name} stands under codes {', '.join(sorted(codes))}, which are kept apart"
            if ("", plain) in spelt:
                yield f"{name} also stands without a code, and is kept as one more provider"


def _near(chosen: Mapping[str, str], ids: Mapping[str, str]) -> Iterable[str]:
    """Names that may be one by a slip of the pen; words that many names share tell nothing."""
    words = {key: plain_name(name).split() for key, name in chosen.items()}
    common = Counter(word for one in words.values() for word in set(one))
    telling = {
        key: " ".join(word for word in one if common[word] <= COMMON) for key, one in words.items()
    }
    for one, other in combinations(sorted(chosen, key=lambda key: ids[key]), 2):
        match = SequenceMatcher(None, telling[one], telling[other])
        near = match.real_quick_ratio() >= ALIKE and match.quick_ratio() >= ALIKE
        if near and words[one] != words[other] and match.ratio() >= ALIKE:
            yield (
                f"{ids[one]} {chosen[one]} and {ids[other]} {chosen[other]} are near in name, "
                "and are kept apart"
            )
