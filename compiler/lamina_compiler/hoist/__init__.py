"""What a loop computes that can be computed outside of it."""
