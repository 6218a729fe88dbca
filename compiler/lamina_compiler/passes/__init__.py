"""Passes over the lamina dialect: one pass, one file, one name (``lamina-<file>``)."""
