"""Which providers a person says are one, in the map's [providers]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocate.errors import Fault, nearest
from allocate.intake.extract import folded

LEGAL = {"ltd", "limited", "llp", "plc", "cic"}
Said = tuple[str, str]  # code and plain name, as a line has them


@dataclass(frozen=True)
class Joins:
    """Joins as far as they are understood.

    Parameters
    ----------
    to
        Key of the provider that stays, by the key of one that is joined to it.
    unused
        Joins that no line needs, a sentence each.
    faults
        What cannot be done.
    """

    to: Mapping[str, str]
    unused: tuple[str, ...]
    faults: tuple[Fault, ...]


def plain_name(name: str) -> str:
    """Fold a name so that capitals, dots, spaces, & and Ltd or Limited make no difference."""
    words = folded(name.replace("&", " and ")).split()
    return " ".join(word for word in words if word not in LEGAL) or folded(name)


def find_joins(said: Mapping[str, str], key_of: Mapping[Said, str], where: str) -> Joins:
    """Find the providers that the map joins.

    Parameters
    ----------
    said
        Name or code of one provider, and of the one that it is.
    key_of
        Key of each provider by what lines say of it.
    where
        Name of the map, for messages.
    """
    to: dict[str, str] = {}
    unused, faults = [], []
    for one, other in said.items():
        value = f'providers: "{one}" = "{other}"'
        joined, stays = _keys(one, key_of), _keys(other, key_of)
        if not joined:
            unused.append(f'No line names "{one}", which the map joins to "{other}"')
        elif not stays:
            words = [word for pair in key_of for word in pair if word]
            problem = f'no line names "{other}"{nearest(other, words)}'
            faults.append(Fault(where, value, problem, "Correct the name, or take the line out"))
        elif len(stays) > 1:
            problem = f'"{other}" stands under codes {", ".join(sorted(stays))}'
            faults.append(Fault(where, value, problem, "Name the code of the one that stays"))
        else:
            (target,) = stays
            for key in joined - stays:
                if to.setdefault(key, target) != target:
                    problem = f'"{one}" is joined to another provider too'
                    faults.append(Fault(where, value, problem, "Keep one of the lines"))
    for one, other in said.items():
        if not _keys(other, key_of).isdisjoint(to):
            value, problem = f'providers: "{one}" = "{other}"', f'"{other}" is joined to another'
            faults.append(Fault(where, value, problem, "Name the provider that stays"))
    return Joins(to, tuple(unused), tuple(faults))


def _keys(word: str, key_of: Mapping[Said, str]) -> set[str]:
    """Keys of the providers that have a code, or else a name."""
    if word in key_of.values():
        return {word}
    return {key for (_, plain), key in key_of.items() if plain and plain == plain_name(word)}
