"""Which instrument a file holds, and which of its columns is which."""

import difflib
import re
import unicodedata
from collections.abc import Sequence

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import and_list
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument

MARK = "ligne"


def recognised(titles: Sequence[str], *, place: str) -> Instrument:
    """Return the one instrument whose columns these are, or nearly are.

    Parameters
    ----------
    titles
        Titles of the file.
    place
        Name of the file, for messages.

    Raises
    ------
    CampaignError
        No instrument fits, or several do.
    """
    wanted = set(titles) - {MARK}
    fitting = [
        instrument
        for instrument in INSTRUMENTS.values()
        if required_names(instrument) <= wanted <= set(instrument.column_names)
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = and_list([one.name for one in fitting], "ou")
        raise CampaignError(
            Problem(place=place, row=1, what=f"les colonnes conviennent à {names}",
                    mend="préciser --instrument")
        )  # fmt: skip
    likely = [one for one in INSTRUMENTS.values() if required_names(one) <= _found(titles, one)]
    if len(likely) == 1:
        return likely[0]
    nearest = max(INSTRUMENTS.values(), key=lambda one: len(_found(titles, one)))
    raise CampaignError(
        Problem(
            place=place,
            row=1,
            what="aucun instrument n'a ces colonnes",
            mend=f"préciser --instrument ; le plus proche est {nearest.name}, dont les colonnes "
            f"sont {', '.join(nearest.column_names)}",
        )
    )


def matched(titles: Sequence[str], instrument: Instrument, *, place: str) -> dict[str, int]:
    """Return the place in the file of each of the instrument's columns that it has.

    Raises
    ------
    CampaignError
        A required column is missing, or a title is unknown or comes twice; all at once.
    """
    problems = []
    places: dict[str, int] = {}
    for position, title in enumerate(titles):
        if title == MARK:
            continue
        if title in places:
            problems.append(_title_problem(place, title, "titre présent deux fois", "en ôter un"))
        elif title in instrument.column_names:
            places[title] = position
        else:
            mend = _renaming(title, titles, instrument)
            problems.append(_title_problem(place, title, "colonne inconnue", mend))
    proposed = {_nearest(title, instrument) for title in titles if title not in places}
    missing = required_names(instrument) - set(places)
    for name in sorted(missing, key=instrument.column_names.index):
        if name not in proposed:
            mend = f"ajouter la colonne ({instrument.column(name).title})"
            problems.append(_title_problem(place, name, "colonne obligatoire absente", mend))
    if problems:
        raise CampaignError(problems)
    return places


def required_names(instrument: Instrument) -> set[str]:
    """Return the names of the columns that a file must have."""
    return {column.name for column in instrument.columns if column.required}


def plain(text: str) -> str:
    """Return a text in small letters, without accents, its other signs as underscores."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    ascii_only = letters.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")


def _title_problem(place: str, title: str, what: str, mend: str) -> Problem:
    return Problem(place=place, row=1, column=title, what=what, mend=mend)


def _renaming(title: str, titles: Sequence[str], instrument: Instrument) -> str:
    name = _nearest(title, instrument)
    if name is None or name in titles:
        return f"l'ôter ; les colonnes sont {', '.join(instrument.column_names)}"
    return f"la renommer en « {name} »"


def _nearest(title: str, instrument: Instrument) -> str | None:
    known = {plain(column.title): column.name for column in instrument.columns}
    known |= {plain(name): name for name in instrument.column_names}
    close = difflib.get_close_matches(plain(title), known, n=1, cutoff=0.75)
    return known[close[0]] if close else None


def _found(titles: Sequence[str], instrument: Instrument) -> set[str]:
    return {name for title in titles if (name := _nearest(title, instrument)) is not None}
