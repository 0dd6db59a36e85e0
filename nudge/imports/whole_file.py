"""Writing a file that is never seen half written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside a file, which takes the file's name once it is whole.

    Folders are made as needed. On an error the file stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # A temporary file is its owner's alone; this one is for colleagues too.
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
