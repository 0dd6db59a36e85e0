"""Eco-gestures offered by Sophie: assignment, exposure, opt-out and frequency."""
