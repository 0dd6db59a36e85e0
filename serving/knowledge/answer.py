"""One answer of the knowledge base, and what an editor may and may not write in it."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serving.knowledge.rendering import needed_words, template_problem

STRICT = ConfigDict(frozen=True, extra="forbid")
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
Text = Annotated[str, Field(min_length=1)]
Insee = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
# What would be a figure of the territory: an amount of money, a share, a unit price.
FIGURE = re.compile(
    r"\d[\d\s.,]*(?:€|euros?\b|centimes?\b|%|pour cent\b|/\s?m3|/\s?m³)", re.IGNORECASE
)
MARKUP = re.compile(r"</?[a-zA-Z]|\*\*|__|\]\(|https?://")
PICTOGRAM = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]")


class Link(BaseModel):
    """A page to open, with its name for people."""

    model_config = STRICT

    label: Text
    url: WebAddress


class Answer(BaseModel):
    """An answer to an intent.

    Attributes
    ----------
    intent : str
        Intent of the taxonomy.
    identifier : str
        Unique name of the answer.
    text : str
        Jinja2 text in French; a word between ``{{ }}`` that is not known rules the answer out.
    voice_text : str or None
        What is said instead on the telephone, where the text does not suit.
    source, source_url : str, str or None
        Where it comes from.
    valid_from, valid_to : date, date or None
        First and last day on which it may be shown.
    communes : tuple of str
        INSEE codes of the communes that it is for; all of them when empty.
    when : mapping of str to tuple of str
        Words that must be known and have one of these values.
    synthetic : bool
        Shown as a demonstration value.
    quick_replies : tuple of str
        Intents offered next.
    link : Link or None
        Page to open.
    """

    model_config = STRICT

    intent: Name
    identifier: Identifier
    text: Text
    voice_text: Text | None = None
    source: Text
    source_url: WebAddress | None = None
    valid_from: date
    valid_to: date | None = None
    communes: tuple[Insee, ...] = ()
    when: dict[Name, tuple[Text, ...]] = {}
    synthetic: bool = False
    quick_replies: tuple[Name, ...] = Field(default=(), max_length=4)
    link: Link | None = None

    @property
    def needs(self) -> frozenset[str]:
        """Words without which the answer cannot be given."""
        return needed_words(self.text) | needed_words(self.voice_text or "") | frozenset(self.when)

    @model_validator(mode="after")
    def _may_be_said(self) -> "Answer":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("« valid_to » est avant « valid_from »")
        for text in (self.text, self.voice_text or ""):
            check_text(text)
            if FIGURE.search(text) and self.source_url is None:
                raise ValueError(
                    "un prix ou un pourcentage est écrit sans adresse de source : donner "
                    "« source_url », ou renvoyer vers une page"
                )
        return self


class Message(BaseModel):
    """A fixed sentence of the dialogue."""

    model_config = STRICT

    key: Name
    text: Text
    voice_text: Text | None = None

    @model_validator(mode="after")
    def _may_be_said(self) -> "Message":
        for text in (self.text, self.voice_text or ""):
            check_text(text)
            if FIGURE.search(text):
                raise ValueError("un message ne contient ni prix ni pourcentage")
        return self


def check_text(text: str) -> None:
    """Refuse a text that is no template, or has markup, an address or a pictogram.

    Raises
    ------
    ValueError
        In French, with the mend.
    """
    problem = template_problem(text)
    if problem:
        raise ValueError(f"modèle de texte illisible ({problem}) : vérifier les accolades")
    if MARKUP.search(text):
        raise ValueError("balisage ou adresse dans le texte : le retirer, ou utiliser « link »")
    if PICTOGRAM.search(text):
        raise ValueError("pictogramme dans le texte : le dire en mots")
