"""Refusals of a chosen model, told to operators in French."""

from collections.abc import Iterator
from contextlib import contextmanager

from nlu.errors import InputError
from nudge.errors import CampaignError, Problem


@contextmanager
def model_errors(model: str) -> Iterator[None]:
    """Turn the refusal of a model into one that commands of the service tell.

    Parameters
    ----------
    model
        Folder, alias or version, as it was asked for.

    Raises
    ------
    CampaignError
        There is no such model, or it cannot be used.
    """
    try:
        yield
    except InputError as error:
        raise CampaignError(
            Problem(
                place="--model",
                what=f"le modèle « {model} » est introuvable ou inutilisable",
                mend="donner un dossier, un alias ou une version ; « pouce nlu train », puis "
                "« pouce nlu promote », en font un",
            )
        ) from error
