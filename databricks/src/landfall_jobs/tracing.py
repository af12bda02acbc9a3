"""The place of a run in the trace of its batch. The app emits the run's span; here libraries and logs learn of it."""

import os
import sys


def enter_trace(traceparent: str | None) -> None:
    """Name the trace in the run's log, and in TRACEPARENT, where instrumented libraries look for it."""
    if traceparent is None:
        os.environ.pop("TRACEPARENT", None)
        return
    os.environ["TRACEPARENT"] = traceparent
    print(f"traceparent: {traceparent}", file=sys.stderr, flush=True)
