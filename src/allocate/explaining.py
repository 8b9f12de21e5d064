"""Why an answer is as it is: for a package, an area or a provider."""

from __future__ import annotations

from pathlib import Path

from allocate.answered import read_answer
from allocate.core.outcome import Watch
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
    return answered.asked.model.explain(variants, kind, label)
