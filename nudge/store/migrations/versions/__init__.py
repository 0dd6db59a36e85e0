"""Versions of the store, oldest first; what is released is never edited."""
