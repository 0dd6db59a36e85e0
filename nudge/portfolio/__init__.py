"""Campaigns taken together: random-effects meta-analysis."""
