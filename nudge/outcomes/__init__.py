"""Outcomes that a campaign can name, and how each is computed from observations."""
