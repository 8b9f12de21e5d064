"""Why an answer is as it is: for a package, an area or a provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from allocate.answered import Answered, read_answer
from allocate.core.outcome import CLOSED, Watch
from allocate.core.worker import warm
from allocate.explanation import Explanation
from allocate.variants import AT_ONCE, METHOD, Variants


def explain(
    folder: str | Path,
    kind: str,
    label: str,
    *,
    seconds: float = 10.0,
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
        Its id.
    seconds
        For all that has to be asked again; what is not settled by then is said so.
    watch
        Progress out, the wish to stop in.

    Raises
    ------
    BadInput
        For a folder that is no result, or an id that the case does not have.
    """
    warm(METHOD, AT_ONCE)
    answered = read_answer(folder)
    variants = Variants(answered, seconds, watch or Watch())
    said = answered.asked.model.explain(variants, kind, label)
    notes = list(_how_firm(answered, said))
    return replace(said, sections=[("Take note", notes), *said.sections]) if notes else said


def _how_firm(answered: Answered, said: Explanation) -> Iterator[str]:
    """Say first what everything else rests on, where the answer is not proven."""
    levels = answered.record["levels"]
    open_ = [level for level in levels if level["why_stopped"] != CLOSED]
    if open_:
        names = " and ".join(level["name"] for level in open_)
        yield f"This answer was not proven to the gap asked for, on {names}."
    if any(claim.verdict == "better" and not claim.relaxes for claim in said.claims):
        yield (
            "Better plans than this answer exist, as the lines with 'less than in this answer' "
            "show: solve again with more --seconds before you rely on it."
        )
