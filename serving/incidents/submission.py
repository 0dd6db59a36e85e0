"""From the form of GeoReport v2 to a checked report: place, kind, answers, words redacted."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from nlu.redaction.redact import redact
from nudge.territory.territory_checks import Box
from serving.incidents.open311_error import Open311Error
from serving.incidents.request import Answer, Submission
from serving.incidents.service import Attribute, Service, ServiceList

Form = Mapping[str, Sequence[str]]
JURISDICTION = "coeurcotefleurie.org"
OUTSIDE = "hors_territoire"
CONTACT_FIELDS = ("email", "first_name", "last_name", "phone")
TEXT_FIELDS = ("description", "address_string", "address_id", "media_url", *CONTACT_FIELDS)
OTHER_FIELDS = ("jurisdiction_id", "service_code", "lat", "long", "api_key", "device_id",
                "account_id", "token")  # fmt: skip
LONGEST = {"description": 4_000, "address_string": 250, "address_id": 100, "media_url": 500,
           "email": 254, "first_name": 100, "last_name": 100, "phone": 40}  # fmt: skip
LONGEST_ANSWER = 500
_ATTRIBUTE = re.compile(r"attribute\[([a-z0-9_]{1,40})\](\[\])?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def submission_of_form(
    form: Form, *, services: ServiceList, box: Box
) -> tuple[Submission, Service]:
    """Check a form and return the report that it holds, with its kind.

    Parameters
    ----------
    form
        Values by field name, decoded from ``application/x-www-form-urlencoded``.
    services
        Kinds of incident.
    box
        Coordinates within which a report is taken.

    Raises
    ------
    Open311Error
        With every fault: 404 where the kind does not exist, else 400.
    """
    faults: list[str] = []
    service = _service(form, services, faults)
    texts = _texts(form, faults)
    place = _place(form, texts, box, faults)
    answers = _answers(form, service, faults) if service else {}
    if faults or service is None:
        raise Open311Error(status=400, descriptions=tuple(faults))
    submission = Submission(
        service_code=service.code,
        channel="open311",
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        address=redact_place(texts["address_string"]),
        address_id=texts["address_id"],
        description=redact(texts["description"]).text,
        media_url=texts["media_url"],
        attributes=answers,
        contact={name: texts[name] for name in CONTACT_FIELDS if texts[name]},
    )
    return submission, service


def _service(form: Form, services: ServiceList, faults: list[str]) -> Service | None:
    jurisdiction = _one(form, "jurisdiction_id")
    if jurisdiction and jurisdiction != JURISDICTION:
        raise Open311Error(
            status=404, descriptions=(f"jurisdiction_id : seule « {JURISDICTION} » est servie.",)
        )
    code = _one(form, "service_code")
    if not code:
        faults.append("service_code : champ obligatoire.")
        return None
    service = services.find(code)
    if service is None:
        known = ", ".join(one.code for one in services.services)
        raise Open311Error(status=404, descriptions=(f"service_code : inconnu ; il y a {known}.",))
    return service


def _texts(form: Form, faults: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in TEXT_FIELDS:
        text = plain(_one(form, name))
        if len(text) > LONGEST[name]:
            faults.append(f"{name} : plus de {LONGEST[name]} caractères.")
        texts[name] = text
    if texts["media_url"] and not _is_web(texts["media_url"]):
        faults.append("media_url : donner une adresse qui commence par http:// ou https://.")
    if texts["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", texts["email"]):
        faults.append("email : l'adresse n'a pas la forme voulue.")
    unknown = [
        name
        for name in form
        if name not in (*TEXT_FIELDS, *OTHER_FIELDS) and not _ATTRIBUTE.fullmatch(name)
    ]
    faults += ["champ inconnu."] * len(unknown[:1])
    return texts


def _place(
    form: Form, texts: Mapping[str, str], box: Box, faults: list[str]
) -> tuple[float, float] | None:
    latitude, longitude = _one(form, "lat"), _one(form, "long")
    if not latitude and not longitude:
        if not (texts["address_string"] or texts["address_id"]):
            faults.append("lieu : donner lat et long, ou address_string, ou address_id.")
        return None
    place = _degrees(latitude), _degrees(longitude)
    if place[0] is None or place[1] is None:
        faults.append("lat et long : donner les deux, en degrés décimaux (WGS 84).")
        return None
    if not is_inside(place[0], place[1], box):
        faults.append(f"{OUTSIDE} : ce point n'est pas sur le territoire.")
    return place[0], place[1]


def is_inside(latitude: float, longitude: float, box: Box) -> bool:
    """Whether a point lies in a box; bounds count as inside."""
    return box.south <= latitude <= box.north and box.west <= longitude <= box.east


def redact_place(text: str) -> str:
    """Return the place of an incident without names or numbers that reach a person.

    The number and the street stay: they are what the report is about.
    """
    pieces, end = [], 0
    for span in redact(text).spans:
        kept = text[span.start : span.end] if span.kind == "ADRESSE" else f"[{span.kind}]"
        pieces += [text[end : span.start], kept]
        end = span.end
    return "".join((*pieces, text[end:]))


def plain(text: str) -> str:
    """Return a text trimmed and without control characters, which XML cannot hold."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n")).strip()


def _answers(form: Form, service: Service, faults: list[str]) -> dict[str, Answer]:
    given: dict[str, list[str]] = {}
    for name, values in form.items():
        found = _ATTRIBUTE.fullmatch(name)
        if found:
            given.setdefault(found[1], []).extend(filter(None, map(plain, values)))
    known = {one.code: one for one in service.attributes}
    faults += [f"attribute[{code}] : inconnu pour ce service." for code in given.keys() - known]
    answers: dict[str, Answer] = {}
    for code, attribute in known.items():
        values = given.get(code, [])
        if not values:
            if attribute.required:
                faults.append(f"attribute[{code}] : réponse obligatoire.")
            continue
        fault = _answer_fault(attribute, values)
        if fault:
            faults.append(f"attribute[{code}] : {fault}")
        elif attribute.datatype == "multivaluelist":
            answers[code] = tuple(dict.fromkeys(values))
        else:
            free = attribute.datatype in ("string", "text")
            answers[code] = redact(values[0]).text if free else values[0]
    return answers


def _answer_fault(attribute: Attribute, values: Sequence[str]) -> str:
    kind = attribute.datatype
    if kind != "multivaluelist" and len(values) > 1:
        return "donner une seule réponse."
    if any(len(value) > LONGEST_ANSWER for value in values):
        return f"plus de {LONGEST_ANSWER} caractères."
    if attribute.values and not set(values) <= attribute.values.keys():
        return f"choisir parmi {', '.join(attribute.values)}."
    if kind == "number" and _finite(values[0]) is None:
        return "donner un nombre."
    if kind == "datetime" and not _is_instant(values[0]):
        return "donner une date AAAA-MM-JJ, avec l'heure si elle est connue."
    return ""


def _one(form: Form, name: str) -> str:
    values = form.get(name, ())
    return values[0].strip() if values else ""


def _degrees(text: str) -> float | None:
    value = _finite(text)
    return value if value is not None and abs(value) <= 180 else None


def _finite(text: str) -> float | None:
    # Python also reads « 1_000 » and other scripts' digits, which are no degrees.
    if not re.fullmatch(r"[+-]?\d{1,12}(?:\.\d{1,15})?", text, re.ASCII):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        return False
