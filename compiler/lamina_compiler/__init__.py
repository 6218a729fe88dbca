"""The Lamina compiler: the lamina dialect, its passes, and the way to IREE."""
