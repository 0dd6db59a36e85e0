"""From the text of a column to its typed values, null where the text is not of the kind."""

import polars as pl

from nudge.imports.dates import day_of
from nudge.instruments.instrument import Column

TRUTHS = {"oui": True, "true": True, "vrai": True, "1": True,
          "non": False, "false": False, "faux": False, "0": False}  # fmt: skip
# Beyond 18 digits a whole number may not fit into 64 bits.
_WHOLE = r"^[+-]?\d{1,18}(?:\.0+)?$"
_NUMBER = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$"

KIND_FAULTS = {
    "boolean": ("n'est pas oui ou non", "écrire oui ou non"),
    "integer": ("n'est pas un nombre entier", "écrire un nombre entier, sans unité"),
    "number": ("n'est pas un nombre", "écrire un nombre, sans unité"),
    "string": ("contient un caractère invisible", "effacer la cellule et la saisir de nouveau"),
}


def typed(column: Column, *, french: bool) -> pl.Expr:
    """Return the expression of a column's typed values, null where its text does not fit.

    Parameters
    ----------
    column
        Column of the instrument; the chunk holds its text under the same name.
    french
        Whether decimal commas are read too.
    """
    text = pl.col(column.name)
    if column.kind == "boolean":
        return text.str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
    if column.kind == "integer":
        whole = pl.when(text.str.contains(_WHOLE)).then(text.str.replace(r"\.0+$", ""))
        return whole.str.strip_prefix("+").cast(pl.Int64, strict=False)
    if column.kind == "number":
        plain = text.str.replace(",", ".", literal=True) if french else text
        number = pl.when(plain.str.contains(_NUMBER)).then(plain).cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    if column.kind == "date":
        return day_of(text)
    return pl.when(~text.str.contains(r"[\x00-\x1f\x7f]")).then(text)
