"""What `lamina.checkpoint` keeps for the backward pass.

>>> import lamina as la, lamina.numpy as lnp
>>> f = la.checkpoint(lambda x, w: lnp.tanh(x @ w), policy=la.checkpoint_policies.dots_saveable)
>>> la.grad(lambda x, w: f(x, w).sum())(lnp.ones(2), lnp.ones((2, 2))).shape
(2,)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """A rule that says which intermediate values are kept; `text` is how it is written in the IR."""

    text: str


everything_saveable = Policy("everything")
nothing_saveable = Policy("nothing")
dots_saveable = checkpoint_dots = Policy("dots")
dots_with_no_batch_dims_saveable = checkpoint_dots_with_no_batch_dims = Policy("dots_without_batch")


def save_only_these_names(*names_which_can_be_saved: str) -> Policy:
    """Keep the values that `checkpoint_name` gave one of these names."""
    return Policy(f"names:{_joined(names_which_can_be_saved)}")


def save_any_names_but_these(*names_not_to_save: str) -> Policy:
    """Keep the values that have a name, unless it is one of these."""
    return Policy(f"names_except:{_joined(names_not_to_save)}")


def save_anything_except_these_names(*names_not_to_save: str) -> Policy:
    """Keep all values but those of these names."""
    return Policy(f"except:{_joined(names_not_to_save)}")


def save_from_both_policies(policy_1: Policy, policy_2: Policy) -> Policy:
    """Keep what either policy keeps."""
    return Policy(f"{policy_1.text}|{policy_2.text}")


def offload_dot_with_no_batch_dims(offload_src: str, offload_dst: str) -> Policy:
    """As `dots_with_no_batch_dims_saveable`: a device has one memory here, so what JAX moves to another one is kept."""
    del offload_src, offload_dst
    return dots_with_no_batch_dims_saveable


def save_and_offload_only_these_names(
    *,
    names_which_can_be_saved: Sequence[str],
    names_which_can_be_offloaded: Sequence[str],
    offload_src: str,
    offload_dst: str,
) -> Policy:
    """Keep the values of all these names, those to offload too: a device has one memory here.

    Raises ValueError for a name in both lists.
    """
    del offload_src, offload_dst
    if both := set(names_which_can_be_saved) & set(names_which_can_be_offloaded):
        raise ValueError(f"a name can be saved or offloaded, not both; got {', '.join(sorted(both))} in both lists")
    return save_only_these_names(*names_which_can_be_saved, *names_which_can_be_offloaded)


def _joined(names: tuple[str, ...]) -> str:
    for name in names:
        if not isinstance(name, str) or any(mark in name for mark in ",|:"):
            raise ValueError(f"a checkpoint name is a text without commas, bars and colons, not {name!r}")
    return ",".join(names)
