"""Operations that work row by row, tile of rows by tile of rows: parts of `passes/rows.py`.

`moves` knows the operations that only move elements, `classes` says which dimensions of tensors are the same one,
`groups` which operations are worth doing together for a few indices of such a dimension, `tiles` writes that as an
`scf.forall`, and `joined` what a tile has of arrays that are joined along the rows.
"""
