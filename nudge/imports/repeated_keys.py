"""Keys that come twice in a file, or that the store knows with other content."""

from collections.abc import Sequence

import polars as pl

from nudge.imports.faults import LINE, SCHEMA, faults
from nudge.instruments.instrument import Instrument
from nudge.store.known_rows import Conflict

CORRECTION = "corriger par un nouvel identifiant, ou ôter la ligne si la ligne connue est juste"


def keys_of(values: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """Return line and key of the rows whose key is whole."""
    return values.select(LINE, *instrument.key).drop_nulls()


def repeated_faults(keys: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """Return a fault for each row whose key an earlier row of the file has.

    Parameters
    ----------
    keys
        Of the whole file; see :func:`keys_of`.
    """
    names = list(instrument.key)
    if keys.n_unique(names) == keys.height:
        return pl.DataFrame(schema=SCHEMA)
    rows = keys.with_columns(first=pl.col(LINE).min().over(names), key=_shown(names))
    return faults(
        rows, pl.col(LINE) != pl.col("first"), column=names[0], shown="key",
        what=pl.format("« {} » est déjà en ligne {}", "key", "first"),
        mend="ôter l'une des deux lignes, ou corriger son identifiant",
    )  # fmt: skip


def conflict_faults(
    keys: pl.DataFrame, conflicts: Sequence[Conflict], instrument: Instrument
) -> pl.DataFrame:
    """Return a fault for each row that the store knows with other content."""
    names = list(instrument.key)
    known = pl.DataFrame(
        [{**conflict.key, "batch": conflict.batch_id} for conflict in conflicts],
        schema={**dict.fromkeys(names, pl.String), "batch": pl.Int64},
    )
    rows = keys.join(known, on=names, how="inner").sort(LINE).with_columns(key=_shown(names))
    return faults(
        rows, pl.col(LINE).is_not_null(), column=names[0], shown="key",
        what=pl.format("« {} » est déjà connu, avec un autre contenu (import n° {})", "key",
                       "batch"),
        mend=CORRECTION,
    )  # fmt: skip


def _shown(names: Sequence[str]) -> pl.Expr:
    return pl.concat_str(names, separator=" / ")
