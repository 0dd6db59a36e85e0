"""Column names and labels as words of a message."""

from collections.abc import Sequence


def listed(names: Sequence[str], *, last: str = " and ", most: int = 20) -> str:
    """Names in quotes, joined by commas; beyond ``most`` only their number is said."""
    quoted = [f"'{name}'" for name in names[:most]]
    if len(names) > most:
        return ", ".join(quoted) + f" and {len(names) - most:,} more"
    return last.join([", ".join(quoted[:-1]), quoted[-1]]) if quoted[1:] else "".join(quoted)
