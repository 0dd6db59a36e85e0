"""Type-I error, coverage and power of every estimator, measured by simulation."""
