"""Outcomes written in words: which of their values count as 1."""

from collections.abc import Mapping, Sequence

from experiments.engine.name_list import listed
from experiments.engine.row_source import RowSource, select
from experiments.errors import InputError

_PAIRS = {
    "yes": "no",
    "y": "n",
    "oui": "non",
    "o": "n",
    "true": "false",
    "t": "f",
    "vrai": "faux",
    "1": "0",
}


def success_values(
    source: RowSource, outcomes: Sequence[str], success: str | None
) -> Mapping[str, tuple[str, ...]]:
    """Texts that count as 1, for each outcome that is text; the others are read as numbers.

    Pairs that everyone reads the same way (yes and no, oui and non, true and false, vrai and
    faux, 1 and 0; capitals ignored) need no ``success``, and any of their positive words is one.

    Parameters
    ----------
    success
        Value that was said to count as 1.

    Raises
    ------
    InputError
        If ``success`` fits no outcome, or is no value of a text outcome with two values.
    """
    found: dict[str, tuple[str, ...]] = {}
    says_the_same = False
    for name in outcomes:
        kind = source.kinds[name]
        if kind in {"integer", "float"}:
            positive = success is not None and success.strip().lower() in _PAIRS
            says_the_same |= positive and _is_binary(source, name)
        elif success is not None or kind == "text":
            spellings = _known_spellings(source, name, success)
            if spellings is None and success is not None:
                _check_success(source, name, success)
                spellings = (success,)
            if spellings is not None:
                found[name] = spellings
    if success is not None and not found and not says_the_same:
        raise InputError(
            f"success={success!r} is for outcomes that are text, but column '{outcomes[0]}' of "
            f"{source.label} holds numbers. Leave success out."
        )
    return found


def _known_spellings(source: RowSource, name: str, success: str | None) -> tuple[str, ...] | None:
    """Spellings of the word that counts as 1 in a well-known pair; None for other columns."""
    text = source.as_text(name)
    words = ", ".join(map(source.text, dict.fromkeys([*_PAIRS, *_PAIRS.values()])))
    level = f"CASE WHEN lower(trim({text})) IN ({words}) THEN {text} END AS level"
    read = select([level], source.relation, f"WHERE {text} IS NOT NULL")
    levels = source.fetch(select(["level"], f"({read}) AS words", "GROUP BY level"))["level"]
    if len(levels) == 0 or any(level is None for level in levels):
        return None
    folded = {str(level): str(level).strip().lower() for level in levels}
    pair = next((pair for pair in _PAIRS.items() if set(folded.values()) <= set(pair)), None)
    if pair is None:
        return None
    said = pair[0] if success is None else success.strip().lower()
    if said not in pair:
        if said not in _PAIRS:
            return None
        said = pair[0]
    return tuple(level for level, word in folded.items() if word == said) or (said,)


def _is_binary(source: RowSource, name: str) -> bool:
    other = f"CASE WHEN {source.number(name)} NOT IN (0, 1) THEN 1 ELSE 0 END"
    found = source.fetch(select([f"max({other}) AS other"], source.relation))
    return not found["other"][0]


def _check_success(source: RowSource, name: str, success: str) -> None:
    text = source.as_text(name)
    tail = f"WHERE {text} IS NOT NULL GROUP BY {text} ORDER BY {text} LIMIT 6"
    distinct = source.fetch(select([f"{text} AS level"], source.relation, tail))
    levels = [str(level) for level in distinct["level"]]
    shown = listed(levels) if len(levels) < 6 else ", ".join(f"'{x}'" for x in levels) + " ..."
    if len(levels) > 2:
        raise InputError(
            f"Column '{name}' of {source.label} has more than two values: {shown}. Decide which "
            "of them count as success and store 1 for those, 0 for the others and nothing for "
            "unknown ones."
        )
    if levels and success not in levels:
        raise InputError(
            f"success={success!r} is no value of column '{name}' of {source.label}, which has "
            f"{shown}."
        )
