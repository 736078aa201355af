"""The page of the command demo."""
