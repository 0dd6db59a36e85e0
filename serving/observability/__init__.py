"""Logs without citizens' words, and metrics."""
