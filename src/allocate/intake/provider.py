"""Who is one provider: by code, by a name written in other ways, or because the map says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

import tomli_w

from allocate.errors import Fault
from allocate.intake.joins import find_joins, plain_name
from allocate.intake.line import Line

ALIKE = 0.85  # share of a name's letters from which another is told as near it
COMMON = 2  # names that a word may stand in and still tell one provider from another
LISTED = 12  # ids told before "and more"


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
    faults
        What is wrong with the map's joins.
    """

    names: Mapping[str, str]
    id_of: Mapping[tuple[str, str], str]
    merged: tuple[str, ...]
    warnings: tuple[str, ...]
    faults: tuple[Fault, ...] = ()

    def of(self, line: Line) -> str:
        """Id of a line's provider; empty where the person waits."""
        return "" if line.waiting else self.id_of[_said(line)]


def _said(line: Line) -> tuple[str, str]:
    return line.code, plain_name(line.provider)


def join_providers(lines: Iterable[Line], said: Mapping[str, str], where: str) -> Providers:
    """Find out which lines have one provider, and give each an id.

    Ids are the codes of the system; a provider without one gets H01, H02 ... in order of name.

    Parameters
    ----------
    lines
        Lines that are kept.
    said
        What the map joins: the name or code of one provider, and of the one that it is.
    where
        Name of the map, for messages.
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
    for written, counts in spelt.items():
        spellings[key_of[written]] += counts
    joins = find_joins(said, key_of, where)
    to = {**_uncoded(codes_of, joins.to, spellings), **joins.to}
    stays = {key: counts for key, counts in spellings.items() if key not in to}
    chosen = {key: _commonest(counts) or key for key, counts in stays.items()}
    ids = _ids(chosen, {code for code, _ in spelt if code})
    apart = {plain: codes - to.keys() for plain, codes in codes_of.items()}
    joined = {_commonest(spellings[key]) or key: ids.get(stay, "") for key, stay in to.items()}
    return Providers(
        names={ids[key]: chosen[key] for key in sorted(chosen, key=lambda key: ids[key])},
        id_of={pair: ids.get(to.get(key, key), "") for pair, key in key_of.items()},
        merged=(
            *_merged(stays, chosen, ids),
            *(f"{name}: joined to {stay} by the map" for name, stay in sorted(joined.items())),
        ),
        warnings=(*joins.unused, *_two_codes(apart, spelt), *_near(chosen, ids)),
        faults=joins.faults,
    )


def _uncoded(
    codes_of: Mapping[str, set[str]], to: Mapping[str, str], keys: Collection[str]
) -> dict[str, str]:
    """Let a name without a code follow its codes, where the map joins all of them to one."""
    follow = {}
    for plain, codes in codes_of.items():
        stay = {to.get(code, code) for code in codes}
        if len(stay) == 1 and f"name {plain}" in keys:
            follow[f"name {plain}"] = stay.pop()
    return follow


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
            first, *others = sorted(codes)
            listed = ", ".join([first, *others])
            way = _way(others[0], first)
            yield f"{name} stands under codes {listed}, which are kept apart. {way}"
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
                f"and are kept apart. {_way(chosen[other], chosen[one])}"
            )


def _way(one: str, other: str) -> str:
    """Say how a person joins two providers, with the line as the map has it."""
    return (
        f"If they are one, add to the map, under [providers]: {tomli_w.dumps({one: other})}".strip()
    )
