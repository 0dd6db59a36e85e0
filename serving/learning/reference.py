"""What a model's predictions looked like before, to be compared with later weeks."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.errors import InputError
from nlu.inference.prediction_reference import PredictionReference, read_prediction_reference
from nudge.errors import CampaignError, Problem
from nudge.imports.whole_file import whole_file


class Reference(BaseModel):
    """Predictions of a model on texts that it has not learnt, counted.

    Attributes
    ----------
    model_version
        Whose predictions.
    source
        ``model`` (held-out texts of its own corpus, counted when it was exported), ``corpus``
        (another corpus of held-out texts) or ``traffic`` (messages of an agreed period). The
        intents of a balanced corpus are not those of citizens: after some weeks a reference of
        traffic is the fairer one.
    made_at
        Instant; None for that of the model, which is as old as the model.
    predictions
        What was counted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_version: str = Field(min_length=1)
    source: Literal["model", "corpus", "traffic"]
    made_at: datetime | None
    predictions: PredictionReference


def model_reference(folder: Path, model_version: str) -> Reference | None:
    """Return the reference that was exported with a model; None where there is none.

    Raises
    ------
    CampaignError
        It is damaged.
    """
    try:
        found = read_prediction_reference(folder)
    except InputError as error:
        raise CampaignError(_damaged(folder)) from error
    if found is None:
        return None
    return Reference(model_version=model_version, source="model", made_at=None, predictions=found)


def save_reference(reference: Reference, path: Path) -> None:
    """Write a reference, whole or not at all."""
    with whole_file(path) as name:
        name.write_text(reference.model_dump_json(indent=1), encoding="utf-8")


def parse_reference(content: str, *, place: str) -> Reference:
    """Read a reference that was written before.

    Raises
    ------
    CampaignError
        It is damaged, or of an earlier form.
    """
    try:
        return Reference.model_validate_json(content)
    except ValidationError as error:
        raise CampaignError(_damaged(place)) from error


def _damaged(place: Path | str) -> Problem:
    return Problem(
        place=str(place),
        what="la référence du modèle est abîmée ou d'une forme ancienne",
        mend="la refaire par « pouce serve drift reference »",
    )
