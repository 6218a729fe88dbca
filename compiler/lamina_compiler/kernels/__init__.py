"""Kernels: whole computations in one dispatch, written as loops over memory."""
