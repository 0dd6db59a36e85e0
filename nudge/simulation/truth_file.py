"""The truth file, ``verite.yaml``: reading, writing with comments, assumptions by default."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from nudge.campaign.campaign import Campaign
from nudge.campaign.french_validation import french_problem
from nudge.errors import CampaignError, Problem, os_reason
from nudge.simulation.measure_truth import MEASURE_OF, MEASURES, MeasureTruth
from nudge.simulation.truth import ArmTruth, Truth

TRUTH_FILE = "verite.yaml"
HEADING = (
    "# Vérité d'une SIMULATION : tous les nombres sont des hypothèses, aucun n'a été mesuré sur\n"
    "# le territoire. Les changer, puis relancer « pouce campaign simulate --truth ».\n"
)
ASSUMED_EFFECT = 0.03
ASSUMED_CHANGE = 0.10
CONTROL_COMPLAINTS = 0.05


def assumed_truth(campaign: Campaign, *, effect: float | None = None) -> Truth:
    """Return the assumptions for a campaign whose truth is not stated.

    Every nudged arm raises the green share by ``effect`` and improves the outcomes that are no
    bin checks by that share of their level; a negative one makes them worse. By default 3 points
    and a tenth.
    """
    of_bins, change = (ASSUMED_EFFECT, ASSUMED_CHANGE) if effect is None else (effect, effect)
    better = {
        MEASURE_OF.get(outcome.name, outcome.name): (1 if outcome.higher_is_better else -1)
        for outcome in campaign.outcomes
    }
    nudged = [arm.identifier for arm in campaign.nudged]
    arms = {name: ArmTruth(effect=of_bins) for name in nudged}
    if campaign.control is not None:
        arms[campaign.control.identifier] = ArmTruth(complaints_per_100=CONTROL_COMPLAINTS)
    return Truth(
        arms=arms,
        measures={
            name: _improved(name, sign * change, nudged)
            for name, sign in better.items()
            if name in MEASURES
        },
    )


def load_truth(path: Path) -> Truth:
    """Read a truth from YAML.

    Raises
    ------
    CampaignError
        The file cannot be read or a field is wrong: all problems at once.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible ({os_reason(error)})",
                    mend="vérifier le chemin")
        ) from None  # fmt: skip
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"YAML illisible ({error})",
                    mend="partir de « pouce campaign simulate --show-example »")
        ) from None  # fmt: skip
    try:
        return Truth.model_validate({} if content is None else content)
    except ValidationError as error:
        raise CampaignError(
            [french_problem(problem, source=str(path)) for problem in error.errors()]
        ) from None


def truth_to_yaml(truth: Truth) -> str:
    """Return the truth as YAML with the help of each field, readable by :func:`load_truth`."""
    return HEADING + "\n".join(_lines(truth, indent="")) + "\n"


def _improved(name: str, share: float, arms: list[str]) -> MeasureTruth:
    told = MEASURES[name]
    effects = dict.fromkeys(arms, round(share * told.level, 6))
    return told.model_copy(update={"effects": effects})


def _lines(section: BaseModel, *, indent: str) -> list[str]:
    lines: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if value is None:
            continue
        lines.append(f"{indent}# {field.description}")
        key = f"{indent}{field.alias or name}:"
        if isinstance(value, BaseModel):
            lines += [key, *_lines(value, indent=f"{indent}  ")]
        elif isinstance(value, Mapping) and any(isinstance(v, BaseModel) for v in value.values()):
            lines.append(key)
            for one, inner in value.items():
                lines += [f"{indent}  {_plain(one)}:", *_lines(inner, indent=f"{indent}    ")]
        else:
            lines.append(f"{key} {_plain(value)}")
    return lines


def _plain(value: Any) -> str:
    """Return a value on one line of YAML."""
    if isinstance(value, (tuple, list)):
        value = [
            one.model_dump(mode="json", by_alias=True) if isinstance(one, BaseModel) else one
            for one in value
        ]
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")
