"""French numbers in letters, as dictation gives them."""

UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6,
    "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
TENS = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90, "vingts": 20,
}  # fmt: skip
SCALES = {"cent": 100, "cents": 100, "mille": 1000}
NUMBER_WORDS = frozenset({*UNITS, *TENS, *SCALES})
# Alternation for regular expressions, the longest first.
NUMBER_WORD = "|".join(sorted(NUMBER_WORDS, key=lambda word: (-len(word), word)))
NUMBER = rf"(?:\d+(?:[.,]\d+)?|(?:{NUMBER_WORD})(?:(?:[ -]et[ -]|[ -])(?:{NUMBER_WORD})){{0,8}})"


def number_of(text: str) -> float | None:
    """Value of a folded number, in digits or in letters; None when it is neither.

    Examples
    --------
    >>> number_of("deux cent quarante")
    240.0
    >>> number_of("quatre-vingt-dix-sept")
    97.0
    """
    digits = text.replace(",", ".")
    if digits.replace(".", "", 1).isdecimal():
        return float(digits)
    words = [word for word in text.replace("-", " ").split() if word != "et"]
    if not words or any(word not in NUMBER_WORDS for word in words):
        return None
    total = current = 0
    for word in words:
        if word == "mille":
            total, current = total + max(current, 1) * 1000, 0
        elif word in SCALES:
            current = max(current, 1) * 100
        elif word in {"vingt", "vingts"} and current % 100 == 4:
            current += 76
        else:
            current += UNITS.get(word, TENS.get(word, 0))
    return float(total + current)
