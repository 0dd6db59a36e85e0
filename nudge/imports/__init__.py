"""Reading, checking and storing field files."""
