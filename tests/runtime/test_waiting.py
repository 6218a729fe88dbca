"""Calls of large programs wait without preempting the threads that they wait for."""

import os

import pytest

from lamina_runtime.waiting import patient

linux = pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has this scheduling policy")


@linux
def test_the_policy_is_changed_for_the_call_only():
    seen = []
    patient(lambda: seen.append(os.sched_getscheduler(0)))()
    assert seen == [os.SCHED_BATCH]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@linux
def test_the_policy_is_restored_after_an_error():
    with pytest.raises(ZeroDivisionError):
        patient(lambda: 1 / 0)()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@linux
def test_where_policies_are_forbidden_calls_go_on(monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    seen = []
    patient(seen.append)(1)
    assert seen == [1]
