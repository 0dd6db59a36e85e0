"""Where what can be built or fetched again is kept."""

import os
from pathlib import Path


def cache_root() -> Path:
    """Folder of built encoders and fetched models: ``$POUCE_CACHE``, or the user's cache folder."""
    explicit = os.environ.get("POUCE_CACHE")
    if explicit:
        return Path(explicit)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "coup-de-pouce"
