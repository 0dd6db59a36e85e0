"""Theme, intent and nature of contacts: those of the export, else the classifier's."""

from collections.abc import Callable, Sequence

import polars as pl

from nlu.redaction.redact import redact
from serving.contacts.contact_checks import Vocabulary, commune_code, looked_up
from serving.contacts.export_columns import TEXT
from serving.store.plain_text import plain_text

# Intents of texts, in order; None where the classifier does not know.
Classify = Callable[[Sequence[str]], Sequence[str | None]]
BY_EXPORT, BY_CLASSIFIER = "export", "classifieur"
BLOCK = 256


def typed_contacts(
    values: pl.DataFrame,
    vocabulary: Vocabulary,
    *,
    classify: Classify | None,
    keep_text: bool,
) -> pl.DataFrame:
    """Return the contacts with their theme, intent and nature, and who typed them.

    Texts are redacted before the classifier reads them. They are dropped unless asked for.

    Parameters
    ----------
    values
        Typed columns of the export, all sound.
    classify
        Types the contacts without theme that have a text; None leaves them untyped.
    keep_text
        Whether the redacted texts are kept.

    Returns
    -------
    DataFrame
        Columns of ``crm_contact`` between ``pseudonym`` and ``text``.
    """
    taxonomy = vocabulary.taxonomy
    unread = values["theme"].is_null() & values["sous_theme"].is_null()
    needed = values[TEXT].is_not_null() & (unread | keep_text)
    texts = _redacted(values[TEXT], needed)
    found = _classified(texts, unread & needed, classify)
    typed = values.with_columns(redacted=texts, found=found).with_columns(
        intent=pl.coalesce("sous_theme", "found"), commune=commune_code(vocabulary)
    )
    return typed.select(
        pl.col("pseudonyme").alias("pseudonym"),
        pl.col("date").dt.to_string("iso").alias("day"),
        pl.col("canal").alias("channel"),
        "commune",
        pl.col("categorie_usager").alias("user_category"),
        pl.coalesce("theme", looked_up("intent", taxonomy.theme_of)).alias("theme"),
        "intent",
        pl.coalesce("nature", looked_up("intent", vocabulary.nature_of)).alias("nature"),
        pl.when(pl.col("found").is_not_null())
        .then(pl.lit(BY_CLASSIFIER))
        .when(pl.coalesce("theme", "sous_theme").is_not_null())
        .then(pl.lit(BY_EXPORT))
        .alias("typed_by"),
        pl.col("delai_heures").alias("delay_hours"),
        "opt_in",
        (pl.col("redacted") if keep_text else pl.lit(None, dtype=pl.String)).alias("text"),
    )


def _redacted(texts: pl.Series, needed: pl.Series) -> pl.Series:
    read = texts.to_list()
    kept = [plain_text(redact(text).text) if wanted else None
            for text, wanted in zip(read, needed.to_list(), strict=True)]  # fmt: skip
    return pl.Series("redacted", kept, dtype=pl.String)


def _classified(texts: pl.Series, wanted: pl.Series, classify: Classify | None) -> pl.Series:
    found: list[str | None] = [None] * len(texts)
    if classify is not None:
        places = wanted.arg_true().to_list()
        for start in range(0, len(places), BLOCK):
            block = places[start : start + BLOCK]
            intents = classify([texts[place] for place in block])
            for place, intent in zip(block, intents, strict=True):
                found[place] = intent
    return pl.Series("found", found, dtype=pl.String)
