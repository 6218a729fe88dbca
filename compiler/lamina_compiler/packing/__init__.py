"""Large products of matrices in tiles: parts of `passes/pack.py`.

`product` says which products and how large the tiles are, `operands` brings operands into the order that tiles want,
`epilogue` finds what is done with each element of the result, and `tiles` writes all that as an `scf.forall`.
"""
