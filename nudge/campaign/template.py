"""The file that a new campaign starts from: every field with its own help, and examples."""

import json
import re
import textwrap
import types
import typing
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic.fields import FieldInfo

from nudge.campaign.arm import Arm
from nudge.campaign.campaign import SCHEMA_VERSION, Campaign
from nudge.campaign.french_validation import TO_FILL
from nudge.campaign.randomisation import UNIT_TITLES
from nudge.campaign.section import Section
from nudge.campaign.tidier import Tidier
from nudge.french.numbers import NO_BREAK
from nudge.levers.catalogue import lever_of
from nudge.levers.lever import Lever
from nudge.levers.message_text import named_values
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import Family, Outcome

EXAMPLES = ("comparaison", "cendrier", "eau", "eco_geste")
# Examples with nothing to prepare in the field begin on the day they are taken.
AT_ONCE = frozenset({"eco_geste"})
# Others are moved so that their first wave is at least this far ahead; the review is past.
NOTICE, REVIEWED_BEFORE = timedelta(days=30), timedelta(days=7)
WIDTH = 100
FOLLOW_UPS = 3
HEADER = f"""\
# Campagne de coup de pouce. Compléter ce qui est marqué « {TO_FILL} », puis lancer
#   pouce campaign check
# oui et non s'écrivent sans guillemets ; les dates AAAA-MM-JJ ; les nombres avec un point."""

# Unit that an instrument measures most closely; streets otherwise.
UNIT_OF_INSTRUMENT: Mapping[str, str] = types.MappingProxyType(
    {
        "comptage_site": "cendrier",
        "remplissage_pav": "pav",
        "refus_camion": "tournee",
        "caracterisation": "tournee",
    }
)


def campaign_template(
    name: str,
    *,
    lever: str | None = None,
    family: Family | None = None,
    simulation: bool = False,
) -> str:
    """Return a commented campaign file, valid but for what only its manager can know.

    Parameters
    ----------
    name
        Name of the folder, from which the identifier is made.
    lever
        Lever of the nudged arm, whose messages and description fill it in.
    family
        Outcome family; that of the lever by default, else ``qualite``.
    simulation
        Whether data will be simulated.

    Raises
    ------
    CampaignError
        The lever does not exist.
    """
    chosen = None if lever is None else lever_of(lever)
    declared = family or (chosen.families[0] if chosen else "qualite")
    outcome = next(one for one in OUTCOMES.values() if one.family == declared)
    values = _values(name, outcome, chosen, simulation=simulation)
    return "\n".join([HEADER, *_section(Campaign, values, indent=0)]) + "\n"


def example(name: str, *, today: date | None = None) -> str:
    """Return a packaged campaign of :data:`EXAMPLES`.

    Parameters
    ----------
    today
        Dates are moved by whole years, which keeps the season, until the first wave lies a month
        after this day, and the review before it. An example of :data:`AT_ONCE` is moved by days,
        so that it begins on this one. Dates stay as packaged by default.

    Raises
    ------
    KeyError
        There is no such example.
    """
    if name not in EXAMPLES:
        raise KeyError(name)
    text = files("nudge.campaign").joinpath(f"example_{name}.yaml").read_text(encoding="utf-8")
    if today is None:
        return text
    first = min(date.fromisoformat(day) for day in re.findall(r"debut: (\d{4}-\d\d-\d\d)", text))
    moved = _days_later(text, today - first) if name in AT_ONCE else _moved(text, first, today)
    return re.sub(r"relu_le: \S+", f"relu_le: {today - REVIEWED_BEFORE}", moved)


def _days_later(text: str, delay: timedelta) -> str:
    def later(found: re.Match[str]) -> str:
        return str(date.fromisoformat(found[0]) + delay)

    return re.sub(r"\b\d{4}-\d\d-\d\d\b", later, text)


def _moved(text: str, first: date, today: date) -> str:
    years = 0
    while first.replace(year=first.year + years) < today + NOTICE:
        years += 1

    def later(found: re.Match[str]) -> str:
        return f"{int(found[1]) + years}{found[2]}"

    return re.sub(r"\b(\d{4})(-\d\d-\d\d)\b", later, text)


def identifier_from(name: str) -> str:
    """Return an identifier made from any name: ``Tri à Deauville`` gives ``tri-a-deauville``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    identifier = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")
    return identifier if len(identifier) > 1 else "campagne"


def _values(
    name: str, outcome: Outcome, lever: Lever | None, *, simulation: bool
) -> dict[str, Any]:
    unit = UNIT_OF_INSTRUMENT.get(outcome.instrument, "rue")
    kinds = {"reference": "reference"}
    kinds |= {f"suivi-{number}": "suivi" for number in range(1, FOLLOW_UPS + 1)}
    days = {"start": TO_FILL, "end": TO_FILL}
    return {
        "version": SCHEMA_VERSION,
        "identifier": identifier_from(name),
        "title": f"{TO_FILL} : essai randomisé par {UNIT_TITLES[unit]}",
        "simulation": simulation,
        "family": outcome.family,
        "primary": outcome.name,
        "randomisation": {"unit": unit, "eligibility": {}, "spillover": {}},
        "arms": [
            {"identifier": "temoin", "title": "Sans message", "control": True},
            _nudged_arm(outcome, lever),
        ],
        "start": TO_FILL,
        "end": TO_FILL,
        "waves": [{"name": wave, "kind": kind, **days} for wave, kind in kinds.items()],
        "power": {"acknowledged_by": ""},
        "analysis": {},
        "stop_rules": {} if outcome.is_share else {"boomerang": TO_FILL},
        "legal": {"basis": TO_FILL, "data_categories": [TO_FILL], "retention_months": TO_FILL},
        "ethics": {"reviewed_on": TO_FILL},
        "economics": {"source": ""},
    }


def _nudged_arm(outcome: Outcome, lever: Lever | None) -> dict[str, Any]:
    whole: dict[str, Any] = dict.fromkeys(Arm.model_fields)
    whole |= {"control": False, "addressed": False, "zones": [], "doses": 1, "ratio": 1}
    if lever is None:
        unknown = dict.fromkeys(("title", "lever", "channel"), TO_FILL)
        whole |= {"identifier": "nudge", "message": {"template": TO_FILL}}
        return {**whole, **unknown, "tidier": _description(None)}
    template = lever.messages[0]
    figures = [one for one in named_values(f"{template.subject}\n{template.body}") if "." in one]
    message: dict[str, Any] = {
        "template": template.identifier,
        "norm_outcome": outcome.name if figures else None,
        "variables": {one.name: one.example for one in template.variables if not one.norm_figure},
    }
    return {
        **whole,
        "identifier": lever.identifier,
        "title": lever.title,
        "lever": lever.identifier,
        "channel": template.channel,
        "addressed": lever.addressed,
        "message": message,
        "tidier": _description(lever),
    }


def _description(lever: Lever | None) -> dict[str, str]:
    """TIDieR items as the lever proposes them; what is only known later stays empty."""
    later = {"modifications": "", "fidelity_actual": ""}
    if lever is None:
        return later
    return {name: getattr(lever.tidier, name) for name in Tidier.model_fields} | later


def _section(
    model: type[Section], values: Mapping[str, Any], *, indent: int, told: set[str] | None = None
) -> Iterator[str]:
    """Yield the lines of a section: help of each field, then its name and value.

    ``told`` holds the fields whose help an earlier item of the same list has given; items of a
    list show the fields they give values for, other sections all of theirs.
    """
    for name, field in model.model_fields.items():
        if told is not None and name not in values:
            continue
        if told is None or name not in told:
            yield from _help(field, indent=indent)
        if told is not None:
            told.add(name)
        value = values[name] if name in values else _default(field)
        yield from _field(f"{' ' * indent}{field.alias or name}:", field, value, indent=indent)


def _field(label: str, field: FieldInfo, value: Any, *, indent: int) -> Iterator[str]:
    inner = _section_model(field)
    if inner is not None and isinstance(value, Mapping):
        yield label
        yield from _section(inner, value, indent=indent + 2)
    elif inner is not None and isinstance(value, Sequence) and not isinstance(value, str):
        yield label
        told: set[str] = set()
        for item in value:
            yield from _item(list(_section(inner, item, indent=indent + 4, told=told)), indent)
    else:
        yield from _plain(label, value, indent=indent)


def _item(lines: list[str], indent: int) -> list[str]:
    first = next(place for place, line in enumerate(lines) if not line.lstrip().startswith("#"))
    lines[first] = f"{' ' * (indent + 2)}- {lines[first].lstrip()}"
    return lines


def _plain(label: str, value: object, *, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield label
        for key, inner in value.items():
            yield f"{' ' * (indent + 2)}{key}: {_scalar(inner)}"
    else:
        yield f"{label} {_scalar(value)}".rstrip()


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    return str(value)


def _text(value: str) -> str:
    ambiguous = value.lower() in {"oui", "non"} or not re.match(r"[\wÀ-ÿ]", value)
    try:
        plain = not ambiguous and yaml.safe_load(f"champ: {value}") == {"champ": value}
    except yaml.YAMLError:
        plain = False
    return value if plain else json.dumps(value, ensure_ascii=False)


def _help(field: FieldInfo, *, indent: int) -> Iterator[str]:
    told = f"{field.title} : {field.description}"
    choices = [choice for choice in _choices(field) if choice not in told]
    if len(choices) > 1:
        told = f"{told} Choix : {', '.join(_choices(field))}."
    for mark in (":", ";", "»"):
        told = told.replace(f" {mark}", f"{NO_BREAK}{mark}")
    told = told.replace("« ", f"«{NO_BREAK}")
    margin = f"{' ' * indent}# "
    if indent == 0:
        yield ""
    yield from textwrap.wrap(
        told, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )


def _default(field: FieldInfo) -> Any:
    """Value of a field that the template does not fill in."""
    if field.is_required():
        return TO_FILL
    value = field.get_default(call_default_factory=True)
    return TO_FILL if value == "" else value


def _members(field: FieldInfo) -> Iterator[Any]:
    """Yield the types that an annotation is made of, outermost first."""
    waiting = [field.annotation]
    while waiting:
        one = waiting.pop(0)
        yield one
        waiting += [] if typing.get_origin(one) is Literal else typing.get_args(one)


def _section_model(field: FieldInfo) -> type[Section] | None:
    found = (one for one in _members(field) if isinstance(one, type) and issubclass(one, Section))
    return next(found, None)


def _choices(field: FieldInfo) -> tuple[str, ...]:
    found = (typing.get_args(one) for one in _members(field) if typing.get_origin(one) is Literal)
    return tuple(str(choice) for choice in next(found, ()))
