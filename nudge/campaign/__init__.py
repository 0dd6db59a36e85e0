"""The campaign file: its sections, its reading and its JSON Schema."""
