"""Operations that work row by row, tile of rows by tile of rows: parts of `passes/rows.py`.

`classes` says which dimensions of tensors are the same one, `groups` which operations are worth doing together for a
few indices of such a dimension, and `tiles` writes that as an `scf.forall`.
"""
