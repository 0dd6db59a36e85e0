"""Themes, intents and communes that exports may name, read from the data folder."""

from functools import cache
from pathlib import Path

from nlu.corpus.taxonomy import load_taxonomy
from nudge.territory.territory import load_table
from serving.contacts.contact_checks import Vocabulary


@cache
def vocabulary_in(datasets: Path) -> Vocabulary:
    """Return the vocabulary of a data folder.

    Raises
    ------
    InputError, CampaignError
        The taxonomy or the communes cannot be read.
    """
    communes = load_table("communes", datasets / "territory")
    return Vocabulary(
        taxonomy=load_taxonomy(datasets / "sophie" / "intents.yaml"),
        communes=dict(zip(communes["code_insee"], communes["nom"], strict=True)),
    )
