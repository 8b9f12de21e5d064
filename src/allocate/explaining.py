"""Why an answer is as it is: for a package, an area or a provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from allocate.answered import Answered, read_answer
from allocate.core.outcome import Watch
from allocate.core.worker import warm
from allocate.explanation import Explanation
from allocate.result import OPTIMAL
from allocate.variants import AT_ONCE, METHOD, Variants

UNPROVEN = (
    "It ended before every level was proven to the gap asked for: what follows is beside the plan "
    "that was found, and a better plan may have other reasons. More --seconds for `allocate solve` "
    "make it firmer."
)


def explain(
    folder: str | Path,
    kind: str,
    label: str,
    *,
    seconds: float = 7.0,
    watch: Watch | None = None,
) -> Explanation:
    """Explain one thing of an answer.

    Parameters
    ----------
    folder
        A result folder.
    kind
        What is asked about, in the model's words: ``package``, ``area`` or ``provider``.
    label
        Its id, or the name of an area or provider that no other has.
    seconds
        For all that has to be asked again; what is not settled by then is said so.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a folder that is no result, or an id or name that the case does not have.
    """
    warm(METHOD, AT_ONCE)
    answered = read_answer(folder)
    variants = Variants(answered, seconds, watch or Watch())
    said = answered.asked.model.explain(variants, kind, label)
    notes = list(_how_firm(answered, said))
    if not notes:
        return said
    return replace(said, sections=[("How sure the answer itself is", notes), *said.sections])


def _how_firm(answered: Answered, said: Explanation) -> Iterator[str]:
    """Say what everything else rests on, where the answer is not proven."""
    if answered.record["status"] != OPTIMAL:
        yield UNPROVEN
    if any(claim.verdict == "better" and not claim.relaxes for claim in said.claims):
        yield (
            "Better plans were found just now: see 'less than in this answer' below. Solve again "
            "before you rely on it."
        )
