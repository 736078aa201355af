"""The sanity battery: what `check` looks for, and the exercises that plant a bug."""
