"""Text made plain for searching: one form of each letter, no accents, no hidden characters."""

import unicodedata

# Stands for a computed figure in a text under examination.
FIGURE_MARK = "\ufffc"


def plain(text: str) -> str:
    """Return text in lower case without accents, invisible characters or special spaces.

    Compatibility forms are folded, so that a full-width ``％`` or ``½`` cannot hide a figure.
    """
    # A mixed number such as « 2½ » would otherwise read « 21/2 ».
    spaced = "".join(f" {one} " if unicodedata.category(one) == "No" else one for one in text)
    folded = unicodedata.normalize("NFKD", spaced).casefold()
    kept = (
        " " if unicodedata.category(one) == "Zs" else one
        for one in folded
        if unicodedata.category(one) not in {"Mn", "Cf"}
    )
    return "".join(kept).replace("’", "'").replace("⁄", "/").replace("∕", "/").replace("٪", "%")
