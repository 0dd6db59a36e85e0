"""Labelled messages written as a file of the corpus."""

from pathlib import Path

from nlu.corpus.utterance import write_utterances
from nudge.errors import CampaignError, Problem
from nudge.store.database import Store
from serving.learning.queue import labelled_utterances


def export_utterances(store: Store, file: Path) -> int:
    """Write the labelled messages, whole or not at all; return how many.

    Raises
    ------
    CampaignError
        The file cannot be written.
    """
    rows = labelled_utterances(store)
    building = file.with_name(f".{file.name}.partiel")
    try:
        write_utterances(building, rows)
        building.replace(file)
    except OSError as error:
        building.unlink(missing_ok=True)
        raise CampaignError(
            Problem(
                place=str(file),
                what=f"le fichier ne peut pas être écrit ({error.strerror})",
                mend="vérifier le dossier et les droits",
            )
        ) from None
    return len(rows)
