"""Nudge levers: what each does, its evidence, risks and messages."""
