"""Corpora: taxonomy, utterances, loading, checks."""
