"""Why a home care answer is as it is: for a package, an area or a provider."""

from __future__ import annotations

from collections.abc import Callable

from allocate.errors import BadInput, Fault, nearest
from allocate.explanation import Explanation
from allocate.homecare.explain_area import explain_area
from allocate.homecare.explain_package import explain_package
from allocate.homecare.explain_provider import explain_provider
from allocate.variants import Variants

LISTED = 12  # ids told before "and more"
KINDS: dict[str, Callable[[Variants, int], Explanation]] = {
    "package": explain_package,
    "area": explain_area,
    "provider": explain_provider,
}


def explain(variants: Variants, kind: str, label: str) -> Explanation:
    """Explain one package, area or provider.

    Raises
    ------
    BadInput
        Where the case has no such id.
    """
    instance = variants.answered.asked.instance
    ids = {
        "package": instance.packages.ids,
        "area": instance.areas.ids,
        "provider": instance.providers.ids,
    }
    if label not in ids[kind]:
        problem = f"the case has no such {kind}{nearest(label, ids[kind])}"
        more = f" and {len(ids[kind]) - LISTED:,} more" if len(ids[kind]) > LISTED else ""
        remedy = f"Name one of: {', '.join(ids[kind][:LISTED])}{more}"
        fault = Fault(f"--{kind}", f'"{label}"', problem, remedy)
        raise BadInput("the command line", [fault])
    return KINDS[kind](variants, ids[kind].index(label))
