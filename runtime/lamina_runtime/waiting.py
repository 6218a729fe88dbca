"""Waiting for IREE's threads without taking the core of one of them.

IREE wakes the caller while a worker has yet to note that it did so, and the caller spins until the worker has. If the
caller has preempted that very worker, it spins to the end of its time slice: 3 to 4 ms. A thread of the policy
SCHED_BATCH does not preempt others when it wakes (sched(7)).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def patient(invoke: Callable[..., object]) -> Callable[..., object]:
    """`invoke`, during which the calling thread preempts no other; as it is where the system has no such policy.

    >>> patient(print)("done")
    done
    """
    if not hasattr(os, "SCHED_BATCH"):
        return invoke
    normal, batch, priority = os.SCHED_OTHER, os.SCHED_BATCH, os.sched_param(0)

    def invoke_patiently(*args: Any) -> None:
        try:
            changes = os.sched_getscheduler(0) == normal
            if changes:
                os.sched_setscheduler(0, batch, priority)
        except OSError:  # forbidden in a sandbox
            changes = False
        try:
            invoke(*args)
        finally:
            if changes:
                os.sched_setscheduler(0, normal, priority)

    return invoke_patiently
