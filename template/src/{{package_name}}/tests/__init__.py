"""Tests of this project: run them with `uv run pytest`."""
