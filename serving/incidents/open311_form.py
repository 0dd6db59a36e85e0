"""Services, requests and refusals as GeoReport v2 writes them, in JSON and in XML."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from serving.incidents.open311_error import Open311Error
from serving.incidents.request import ServiceRequest
from serving.incidents.service import LISTS, Attribute, Service, ServiceList

Format = Literal["json", "xml"]
MEDIA_TYPES: dict[Format, str] = {"json": "application/json", "xml": "text/xml"}
PARIS = ZoneInfo("Europe/Paris")
# Element that wraps a list, and the one of each of its items.
_ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
}


def service_rows(services: ServiceList) -> list[dict[str, Any]]:
    """Return the list of services as plain values."""
    return [_service_row(one) for one in services.services]


def service_definition(service: Service) -> dict[str, Any]:
    """Return the questions asked of a kind as plain values."""
    return {
        "service_code": service.code,
        "attributes": [
            _attribute(one, order) for order, one in enumerate(service.attributes, start=1)
        ],
    }


def request_row(request: ServiceRequest, service: Service | None) -> dict[str, Any]:
    """Return a request as plain values; nothing in it says who reported.

    Parameters
    ----------
    service
        Its kind; None where the list no longer has it.
    """
    return {
        "service_request_id": request.identifier,
        "status": request.status,
        "status_notes": request.status_notes or None,
        "service_name": service.name if service else request.service_code,
        "service_code": request.service_code,
        "description": request.description or None,
        "agency_responsible": request.agency or None,
        "service_notice": request.notice or None,
        "requested_datetime": _moment(request.requested_at),
        "updated_datetime": _moment(request.updated_at),
        "expected_datetime": _moment(request.expected_at),
        "address": request.address or None,
        "address_id": request.address_id or None,
        "zipcode": None,
        "lat": request.latitude,
        "long": request.longitude,
        "media_url": request.media_url or None,
    }


def created_row(request: ServiceRequest) -> dict[str, Any]:
    """Return the answer to a new request as plain values."""
    return {
        "service_request_id": request.identifier,
        "service_notice": request.notice or None,
        "account_id": None,
    }


def written(content: Any, *, root: str, extension: Format) -> bytes:
    """Write plain values as JSON, or as XML under an element named ``root``."""
    if extension == "json":
        return json.dumps(content, ensure_ascii=False).encode()
    element = ET.Element(root)
    _fill(element, content)
    return bytes(ET.tostring(element, encoding="utf-8", xml_declaration=True))


def written_error(error: Open311Error, *, extension: Format) -> bytes:
    """Write a refusal."""
    return written(error.content(), root="errors", extension=extension)


def _service_row(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": bool(service.attributes),
        "type": "realtime",
        "keywords": ",".join(service.keywords),
        "group": service.group,
    }


def _attribute(attribute: Attribute, order: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "variable": True,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": attribute.help,
        "order": order,
        "description": attribute.description,
    }
    if attribute.datatype in LISTS:
        row["values"] = [{"key": key, "name": name} for key, name in attribute.values.items()]
    return row


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(PARIS).isoformat(timespec="seconds")


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, content in value.items():
            _fill(ET.SubElement(element, name), content)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for content in value:
            _fill(ET.SubElement(element, _ITEMS[element.tag]), content)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)
