from datetime import UTC, datetime, timedelta

import pytest

from serving.incidents.kept_requests import keep_request
from serving.incidents.request import Submission
from serving.incidents.service import load_services
from serving.settings import Settings
from serving.store.conversations import StoredMessage, save_turn
from serving.store.database import recording
from serving.store.exposures import Exposure, log_exposure
from serving.store.feedback import Feedback, save_feedback
from serving.store.tickets import Ticket, open_ticket

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KIND = load_services(Settings().datasets / "services" / "services.yaml").find("pav_plein")


def stored_message(number, *, at=NOW, turn=1, text="le bac jaune", **changes):
    values = {
        "identifier": f"m_{number:032x}",
        "at": at,
        "turn": turn,
        "channel": "web",
        "commune": "14220",
        "text": text,
        "intent": "collecte_calendrier",
        "confidence": 0.9,
        "margin": 0.8,
        "entropy": 0.1,
        "out_of_scope": 0.0,
        "decision": "answer",
        "next_action": "answer",
        "degraded": False,
        "model_version": "modele-1",
    }
    return StoredMessage(**(values | changes))


@pytest.fixture
def add_conversation(serving_store):
    """Write a conversation with one message and all that may follow it."""

    def add(number, *, age=timedelta(0), **changes):
        at, pseudonym = NOW - age, f"p_{number:032x}"
        message = stored_message(number, at=at, **changes)
        with recording(serving_store) as connection:
            save_turn(connection, pseudonym, state="{}", message=message)
            save_feedback(
                connection,
                Feedback(
                    identifier=f"f_{number:032x}",
                    at=at,
                    message=message.identifier,
                    conversation=pseudonym,
                    comment="merci",
                ),
            )
            open_ticket(
                connection,
                Ticket(
                    conversation=pseudonym, message=message.identifier, opened_at=at,
                    channel="web", commune="14220", intent=None, reason="asked",
                    summary="un conseiller", due_at=None,
                ),
            )  # fmt: skip
            report = Submission(
                service_code="pav_plein", channel="web", conversation=pseudonym,
                description="il déborde", contact={"email": "a@exemple.fr"},
            )  # fmt: skip
            keep_request(connection, report, KIND, now=at)
            log_exposure(
                connection,
                Exposure(
                    campaign="eco", arm="temoin", control=True, conversation=pseudonym, zone=None,
                    commune=None, message=message.identifier, intent=None, at=at,
                ),
            )  # fmt: skip
        return pseudonym

    return add
