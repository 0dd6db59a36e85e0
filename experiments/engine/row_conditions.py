"""SQL of one column's value and of what makes it usable."""

from experiments.engine.row_columns import RowColumns
from experiments.engine.row_source import RowSource


def is_success(columns: RowColumns, name: str) -> bool:
    """Whether a column is a text outcome, counted as 1 where it is a success."""
    return name in columns.success_values


def is_indicator(source: RowSource, columns: RowColumns, name: str) -> bool:
    """Whether a column can hold nothing but 0 and 1, so that its squares need no sum."""
    return source.kinds[name] == "boolean" or is_success(columns, name)


def value(source: RowSource, columns: RowColumns, name: str) -> str:
    """Measured column as a double; missing stays missing."""
    if is_success(columns, name):
        successes = ", ".join(map(source.text, columns.success_values[name]))
        return f"CAST({source.as_text(name)} IN ({successes}) AS DOUBLE)"
    return source.number(name)


def usable(source: RowSource, columns: RowColumns, name: str) -> str:
    """True where a key or text outcome is present, or a measured number finite; never NULL."""
    if name in columns.measured and not is_indicator(source, columns, name):
        number = f"TRY_CAST({source.name(name)} AS DOUBLE)"
        return f"coalesce(abs({number}) < CAST('Infinity' AS DOUBLE), FALSE)"
    if name in columns.measured and not is_success(columns, name):
        return f"TRY_CAST({source.name(name)} AS BOOLEAN) IS NOT NULL"
    present = f"{source.name(name)} IS NOT NULL"
    if source.kinds[name] == "float":
        number = f"TRY_CAST({source.name(name)} AS DOUBLE)"
        return f"({present} AND NOT coalesce(isnan({number}), FALSE))"
    return present
