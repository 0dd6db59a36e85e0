"""Settings of the service, read once from the environment when it starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nudge.errors import CampaignError, Problem

PREFIX = "POUCE_SERVE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the service runs.

    Attributes
    ----------
    store_url
        Address of the store; None for ``sqlite:///pouce.db``.
    model
        Folder of a classifier, or alias or version in the registry.
    body_limit
        Largest body, in bytes.
    json_depth
        Deepest nesting of a JSON body.
    rate_per_minute
        Requests that one key may make in a minute, on this process.
    rate_burst
        Requests that it may make at once.
    public_rate_per_minute
        Pages that one address may open in a minute; their files and ``/healthz`` count for a
        tenth. A town hall or a mobile operator puts many people behind one address.
    requests_limit
        Requests with a key under way at once; beyond them, 429 with ``Retry-After``.
    queue_limit
        Texts that may wait for the model.
    deadline_seconds
        Longest wait for the model.
    poll_seconds
        Pause between looks at the registry for a newly promoted version.
    nudges
        Whether Sophie offers the eco-gestures of running campaigns.
    datasets
        Folder of knowledge, calendar, territory and corpus.
    """

    store_url: str | None = None
    model: str = "champion"
    body_limit: int = 1_048_576
    json_depth: int = 16
    rate_per_minute: int = 600
    rate_burst: int = 100
    public_rate_per_minute: int = 120
    requests_limit: int = 512
    queue_limit: int = 512
    deadline_seconds: float = 5.0
    poll_seconds: float = 10.0
    nudges: bool = True
    datasets: Path = Path(__file__).resolve().parents[1] / "datasets"


_NUMBERS = (
    "body_limit", "json_depth", "rate_per_minute", "rate_burst", "public_rate_per_minute",
    "requests_limit", "queue_limit",
)  # fmt: skip


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``POUCE_STORE``, ``POUCE_MODEL`` and ``POUCE_SERVE_<SETTING>``.

    Raises
    ------
    CampaignError
        With every variable that cannot be used, in French.
    """
    given = os.environ if environment is None else environment
    problems: list[Problem] = []
    values: dict[str, Any] = {"store_url": given.get("POUCE_STORE") or None}
    if given.get("POUCE_MODEL"):
        values["model"] = given["POUCE_MODEL"]
    for name in _NUMBERS:
        text = given.get(PREFIX + name.upper())
        if text:
            _put(values, problems, name, text, _whole_number(text))
    for name in ("deadline_seconds", "poll_seconds"):
        text = given.get(PREFIX + name.upper())
        if text:
            _put(values, problems, name, text, _seconds(text))
    text = given.get(f"{PREFIX}NUDGES")
    if text:
        chosen = {"oui": True, "non": False}.get(text.lower())
        _put(values, problems, "nudges", text, chosen, expected="oui ou non")
    if given.get(f"{PREFIX}DATASETS"):
        values["datasets"] = Path(given[f"{PREFIX}DATASETS"])
    if problems:
        raise CampaignError(problems)
    return Settings(**values)


def _put(
    values: dict[str, Any],
    problems: list[Problem],
    name: str,
    text: str,
    value: float | bool | None,
    *,
    expected: str = "un nombre positif",
) -> None:
    if value is not None:
        values[name] = value
        return
    problems.append(
        Problem(
            place=PREFIX + name.upper(),
            what=f"valeur inconnue : « {text[:40]} »",
            mend=f"donner {expected}",
        )
    )


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 3_600 else None
