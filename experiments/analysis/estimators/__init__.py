"""Estimators that a plan can name: each reads one trial's data and returns effects by arm."""
