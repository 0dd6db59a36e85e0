"""What a turn looks like on the wire."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nlu.calibration.decision import Decision
from nlu.classifier.scoring import MOST_CHARACTERS
from serving.dialogue.reply import ActionKind, Channel

# Made from the parts of a reply, by name.
STRICT = ConfigDict(frozen=True, extra="forbid", from_attributes=True)
SESSION_PATTERN = r"^s_[A-Za-z0-9_-]{32}$"


class TurnRequest(BaseModel):
    """A citizen's message, or her click on a choice."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "Bonjour, quand passe le bac jaune à Deauville ?", "channel": "web"},
                {
                    "session_id": "s_Zt0c1Vq8yXw2mB5nK7pR4sD9fG3hJ6lA",
                    "payload": "commune:14220",
                    "channel": "web",
                },
            ]
        },
    )

    session_id: Annotated[str, Field(pattern=SESSION_PATTERN)] | None = Field(
        default=None,
        description="Donné par la première réponse ; absent au premier message.",
    )
    text: Annotated[str, Field(max_length=MOST_CHARACTERS)] | None = Field(
        default=None, description="Ce que la personne a écrit ou dit."
    )
    payload: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Choix cliqué, tel que reçu dans « quick_replies »."
    )
    channel: Channel = "web"

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if (self.text is None) == (self.payload is None):
            raise ValueError("donner soit « text », soit « payload »")
        return self


class WireQuickReply(BaseModel):
    """A choice to show; ``payload`` is sent back when it is clicked."""

    model_config = STRICT

    label: str
    payload: str


class WirePhone(BaseModel):
    """A number to offer."""

    model_config = STRICT

    name: str
    number: str
    note: str = Field(description="Ce qu'il faut savoir du numéro ; vide sans rien à dire.")


class WireNextAction(BaseModel):
    """What comes next; there always is something."""

    model_config = STRICT

    kind: ActionKind
    target: str
    phones: list[WirePhone]


class WireSource(BaseModel):
    """Where the answer comes from."""

    model_config = STRICT

    title: str
    date: date
    synthetic: bool = Field(description="Vrai pour une donnée de démonstration.")
    url: str | None


class WireUnderstanding(BaseModel):
    """What was understood."""

    model_config = STRICT

    intent: str | None
    confidence: float = Field(ge=0, le=1)
    decision: Decision


class WireNudge(BaseModel):
    """The eco-gesture of a running campaign, to show after the answer."""

    model_config = STRICT

    campaign: str
    title: str = Field(description="Une campagne simulée le dit.")
    arm: str
    subject: str
    text: str
    opt_out: WireQuickReply


class TurnResponse(BaseModel):
    """Sophie's turn."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "session_id": "s_Zt0c1Vq8yXw2mB5nK7pR4sD9fG3hJ6lA",
                    "message_id": "m_5f0c6a1de0b94c1f8a2b7c3d4e5f6071",
                    "turn": 1,
                    "model_version": "sophie-intent-3@2b2f9a07c1de",
                    "degraded": False,
                    "automated_decision": False,
                    "understanding": {
                        "intent": "demander_humain",
                        "confidence": 0.98,
                        "decision": "answer",
                    },
                    "text": "Bien sûr, je transmets votre demande à un conseiller.",
                    "speech_text": "Bien sûr, je transmets votre demande à un conseiller.",
                    "disclosure": "Je suis Sophie, un assistant automatique.",
                    "warning": None,
                    "quick_replies": [
                        {"label": "Laisser un message", "payload": "action:formulaire"}
                    ],
                    "next_action": {"kind": "hand_over", "target": "conseiller", "phones": []},
                    "sources": [],
                    "ticket": "T-7K2M9QXA",
                    "service_request_id": None,
                    "nudge": None,
                }
            ]
        },
    )

    session_id: str = Field(description="À renvoyer au tour suivant. Aucun cookie n'est posé.")
    message_id: str = Field(description="À joindre aux avis.")
    turn: int = Field(ge=1)
    model_version: str
    degraded: bool = Field(description="Vrai quand aucun modèle ne répond.")
    automated_decision: Literal[False] = Field(
        default=False, description="Aucune décision n'est prise sur la personne."
    )
    understanding: WireUnderstanding
    text: str
    speech_text: str
    disclosure: str | None
    warning: str | None
    quick_replies: list[WireQuickReply]
    next_action: WireNextAction
    sources: list[WireSource]
    ticket: str | None = Field(
        description="Numéro de la demande transmise à une personne, ou complétée par ce message."
    )
    service_request_id: str | None = Field(description="Numéro du signalement créé.")
    nudge: WireNudge | None
