"""The trials of `sweep`, and what comes of them."""
