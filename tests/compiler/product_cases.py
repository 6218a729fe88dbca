"""Random products of matrices for kernels: equations of einsum and sizes, many of which vectors do not divide."""

from __future__ import annotations

from random import Random

EQUATIONS = (
    "rk,kc->rc", "kr,kc->rc", "rk,ck->rc", "kr,ck->cr", "brk,bkc->brc", "brk,kc->brc", "bkr,bck->bcr",
    "brk,kac->brac", "bkr,bkc->rc", "rbk,bkac->rac", "brak,bcak->bacr", "krb,kcb->rcb", "k,kc->c",
)  # fmt: skip


def shapes_of(equation: str, rng: Random, *, fewest_columns: int = 1) -> list[tuple[int, ...]]:
    """Shapes of an equation's operands."""
    sizes = {
        "a": rng.choice((1, 2, 3)),
        "b": rng.choice((1, 2, 5)),
        "c": max(fewest_columns, rng.choice((1, 3, 16, 17, 31, 64, 100))),
        "r": rng.choice((1, 3, 4, 17, 30, 64)),
        "k": rng.choice((1, 2, 5, 32, 97, 801)),
    }
    return [tuple(sizes[letter] for letter in letters) for letters in equation.split("->")[0].split(",")]
