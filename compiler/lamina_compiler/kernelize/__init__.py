"""Loops as kernels: a loop over tensors is evaluated element by element, in vectors, in one dispatch.

How a tensor program becomes a loop nest over memory: `graph` has a lazy node for every tensor, `plan` says which of
them get a place in memory or registers, `evaluate` and `reductions` write what a node's elements are at some points,
`nests` the loops over those points (the dimension that becomes vector lanes is the one that costs least), `blocks` and
`control` go through the program in order, and `record` keeps what is written until `write` makes operations of it.
"""
