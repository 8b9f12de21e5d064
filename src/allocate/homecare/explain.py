"""Why a home care answer is as it is: for a package, an area or a provider."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from allocate.errors import BadInput, Fault, nearest
from allocate.explanation import Explanation
from allocate.homecare.explain_area import explain_area
from allocate.homecare.explain_package import explain_package
from allocate.homecare.explain_provider import explain_provider
from allocate.homecare.instance import Instance
from allocate.homecare.labels import called
from allocate.variants import Variants

LISTED = 12  # ids told before "and more"
KINDS: dict[str, Callable[[Variants, int], Explanation]] = {
    "package": explain_package,
    "area": explain_area,
    "provider": explain_provider,
}


LISTED = 10  # ids that a message lists before it says how many more there are


def explain(variants: Variants, kind: str, label: str) -> Explanation:
    """Explain one package, area or provider.

    Parameters
    ----------
    variants
        The answer, and what can be asked again of it.
    kind
        ``package``, ``area`` or ``provider``.
    label
        Its id, or the name of an area or provider that no other has.

    Raises
    ------
    BadInput
        Where the case has no such id, or several of that name.
    """
    return KINDS[kind](variants, position(variants.answered.asked.instance, kind, label))


def position(instance: Instance, kind: str, label: str) -> int:
    """Find a package, area or provider of a question by its id, or by its name.

    Raises
    ------
    BadInput
        As ``explain``.
    """
    areas, providers = instance.areas, instance.providers
    ids, names = {
        "package": (instance.packages.ids, ()),
        "area": (areas.ids, areas.names),
        "provider": (providers.ids, providers.names),
    }[kind]
    return _position(kind, label, ids, names)


def _position(kind: str, label: str, ids: Sequence[str], names: Sequence[str]) -> int:
    """Find what is asked about, by its id or else by its name."""
    if label in ids:
        return ids.index(label)
    found = [at for at, name in enumerate(names) if name.casefold() == label.casefold()]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        problem = f"is the name of {len(found)}"
        remedy = f"Give the id of the one you mean: {_listed([ids[at] for at in found])}"
    elif kind == "package":
        problem = f"no such id{nearest(label, ids)}"
        remedy = "Give a package_id of allocation.csv in the result folder"
    else:
        problem = f"no such id or name{nearest(label, dict.fromkeys([*ids, *names]))}"
        every = [called(tuple(names), tuple(ids), at) for at in range(len(ids))]
        remedy = f"Give one of: {_listed(every, '; ')}"
    raise BadInput("the command line", [Fault(f"--{kind}", f'"{label}"', problem, remedy)])


def _listed(words: Sequence[str], mark: str = ", ") -> str:
    more = len(words) - LISTED
    return mark.join(words[:LISTED]) + (f" and {more:,} more" if more > 0 else "")
