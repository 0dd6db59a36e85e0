"""Reading a campaign file, with every problem named in French."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from nudge.campaign.campaign import Campaign
from nudge.campaign.french_validation import french_problem
from nudge.errors import CampaignError, Problem, os_reason


def load_campaign(path: str | Path) -> Campaign:
    """Read a campaign from YAML in UTF-8.

    Raises
    ------
    CampaignError
        The file cannot be read, is no YAML, or a field is wrong: all problems at once.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CampaignError(
            Problem(place=str(path), what="le fichier n'est pas en UTF-8",
                    mend="l'enregistrer en UTF-8")
        ) from None  # fmt: skip
    except OSError as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible ({os_reason(error)})",
                    mend="vérifier le chemin, ou créer la campagne par « pouce campaign new »")
        ) from None  # fmt: skip
    return campaign_from_yaml(text, source=str(path))


def campaign_from_yaml(text: str, *, source: str = "campagne.yaml") -> Campaign:
    """Read a campaign from YAML text; errors as :func:`load_campaign`."""
    try:
        content = yaml.load(text, Loader=_OuiNonLoader)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CampaignError(
            Problem(
                place=source,
                row=None if mark is None else mark.line + 1,
                what=_yaml_fault(error),
                mend="vérifier l'alignement, les deux-points et les guillemets",
            )
        ) from None
    if not isinstance(content, dict):
        raise CampaignError(
            Problem(place=source, what="le fichier ne contient pas de champs",
                    mend="partir de « pouce campaign new »")
        )  # fmt: skip
    return campaign_from_fields(content, source=source)


def _yaml_fault(error: yaml.YAMLError) -> str:
    """What is wrong: our own words where the fault is ours to name, else no English."""
    problem = getattr(error, "problem", None) or ""
    return problem if problem.startswith("le champ") else "YAML illisible ici, ou juste au-dessus"


def campaign_from_fields(fields: dict[str, Any], *, source: str = "campagne.yaml") -> Campaign:
    """Build a campaign from plain values; errors as :func:`load_campaign`."""
    try:
        return Campaign.model_validate(fields)
    except ValidationError as error:
        found = error.errors()
        # A list whose items are wrong is also said to be too short.
        told = [problem for problem in found if problem["type"] != "too_short"] or found
        raise CampaignError([french_problem(problem, source=source) for problem in told]) from None


def campaign_to_yaml(campaign: Campaign) -> str:
    """Return the campaign as YAML that :func:`campaign_from_yaml` reads back unchanged."""
    fields = campaign.model_dump(mode="json", by_alias=True, exclude_none=True)
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)


class _OuiNonLoader(yaml.SafeLoader):
    """Plain YAML in which ``oui`` and ``non`` are truth values and no key comes twice."""

    bool_values = {**yaml.SafeLoader.bool_values, "oui": True, "non": False}  # noqa: RUF012


def _unique_mapping(loader: _OuiNonLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"le champ « {key.value} » est écrit deux fois", key.start_mark
            )
        seen.add(key.value)
    return dict(loader.construct_mapping(node, deep=True))


_OuiNonLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:oui|Oui|OUI|non|Non|NON)$"), list("oOnN")
)
_OuiNonLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
