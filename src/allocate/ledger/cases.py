"""Cases of a study on their way into the record."""

from __future__ import annotations

from collections.abc import Callable

from allocate.ledger.entry import SWEEP, of_case, of_failure
from allocate.ledger.keeping import Recorder
from allocate.study.case import FAILED, Done


def recording(recorder: Recorder, method: str, keep_until: str = "") -> Callable[[Done], None]:
    """Return what keeps each case as it ends.

    Parameters
    ----------
    recorder
        The record.
    method
        Name of the engine.
    keep_until
        Day after which its result may be removed, in ISO form; empty for none.
    """

    def ended(done: Done) -> None:
        if done.folder is not None:
            recorder.keep([of_case(done, method, keep_until)])
        elif done.status == FAILED:
            recorder.keep([of_failure(SWEEP, method, FAILED, question=done.case.question)])

    return ended
