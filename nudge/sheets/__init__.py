"""Printable field sheets and data-entry templates, blind to arm."""
