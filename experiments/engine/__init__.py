"""Rows of any kind of table, read once into per-cluster moments and covariate patterns."""
