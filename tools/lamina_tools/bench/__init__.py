"""lamina-bench: the same workloads in Lamina and in JAX, on this machine, in alternation."""
