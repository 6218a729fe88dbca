"""Finds traced arrays that outlive their trace (option check_tracer_leaks)."""

from __future__ import annotations

import gc
from types import FrameType
from typing import Any

from lamina import errors
from lamina.config import config


def check(trace: Any) -> None:
    """Raises TracerLeakError if something still refers to an array of a trace that has ended.

    The caller holds none of them itself.
    """
    if not config.check_tracer_leaks:
        return
    from lamina._locations import source_location
    from lamina.tracer import Tracer

    gc.collect()
    leaked = [x for x in gc.get_objects() if type(x) is Tracer and x.origin is trace]
    for x in leaked:
        holders = [h for h in gc.get_referrers(x) if h is not leaked and not isinstance(h, FrameType)]
        if holders:
            made = str(source_location(x.made))
            raise errors.TracerLeakError(trace.function_name, str(x.type), made, _described(holders[0]))


def _described(holder: Any) -> str:
    """What holds an array, in words."""
    if isinstance(holder, dict):
        owner = next((o for o in gc.get_referrers(holder) if getattr(o, "__dict__", None) is holder), None)
        return f"the attributes of a {type(owner).__name__}" if owner is not None else "a dict"
    return f"a {type(holder).__name__}"
