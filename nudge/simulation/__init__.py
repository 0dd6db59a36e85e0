"""A territory's bins over weeks, from a stated truth."""
