"""Command-line tools: lamina-opt, lamina-compile, lamina-run."""
