"""A/B nudge campaigns on sorting quality."""
