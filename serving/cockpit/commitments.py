"""Service commitments against which delays are read, and how communes are grouped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nudge.errors import CampaignError, Problem

Hours = Annotated[float, Field(gt=0, le=8_760)]


class Commitments(BaseModel):
    """What the service promises.

    Attributes
    ----------
    synthetic
        Whether these are demonstration values.
    source
        Where they come from, in French.
    hours
        Hours to the first answer, by channel.
    fewest_inhabitants
        Communes with fewer are shown together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    synthetic: bool
    source: str = Field(min_length=2)
    hours: Mapping[str, Hours] = Field(min_length=1)
    fewest_inhabitants: int = Field(ge=0)


def load_commitments(path: Path) -> Commitments:
    """Read ``engagements.yaml``.

    Raises
    ------
    CampaignError
        The file cannot be read, or a value is wrong.
    """
    try:
        return Commitments.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(
            Problem(place=path.name, what=f"fichier illisible ({type(error).__name__})",
                    mend="vérifier le chemin et la syntaxe YAML")
        ) from error  # fmt: skip
    except ValidationError as error:
        raise CampaignError(
            [
                Problem(place=path.name, column=" › ".join(map(str, fault["loc"])),
                        what=f"valeur refusée ({fault['msg']})", mend="donner un nombre d'heures")
                for fault in error.errors()
            ]
        ) from error  # fmt: skip
