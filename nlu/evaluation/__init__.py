"""Honest measurement: metrics with intervals, baselines, robustness, the report."""
