"""Is a message written in French? A cautious answer, for hand-over."""

from functools import lru_cache

from nlu.text.normalization import comparison_key

CANDIDATES = ("fr", "en", "de", "es", "it", "nl", "pt")
LEAST_WORDS = 4
LEAST_PROBABILITY = 0.99


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_modelpath(str(MODEL_DIR / MODEL_FILE), norm_probs=True)
    identifier.set_languages(list(CANDIDATES))
    return identifier


def foreign_language(text: str) -> str | None:
    """Language of a message that is surely not French, else None.

    Short messages and SMS spelling fool any detector, so a foreign language is only named from
    four words on and with probability 0.99 among the seven languages heard on the coast
    (py3langid, Lui and Baldwin 2012).

    Parameters
    ----------
    text : str
        A message.

    Returns
    -------
    str or None
        ISO 639-1 code.
    """
    key = comparison_key(text)
    if len(key.split()) < LEAST_WORDS:
        return None
    language, probability = _identifier().classify(text.lower())
    return language if language != "fr" and probability >= LEAST_PROBABILITY else None
