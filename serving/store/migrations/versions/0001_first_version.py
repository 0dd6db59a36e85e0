"""First version: keys, conversations, messages, feedback, queue, tickets, nudges, incidents.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_access()
    _create_conversations()
    _create_requests()
    _create_engagement()


def _create_access() -> None:
    op.create_table(
        "api_key",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("secret_sha256", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text),
        sa.Column("revoked_at", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_api_key"),
    )
    op.create_table(
        "idempotent_response",
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request_sha256", sa.Text, nullable=False),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name="pk_idempotent_response"),
    )
    op.create_index("ix_idempotent_response_at", "idempotent_response", ["at"])
    op.create_index("ix_idempotent_response_conversation", "idempotent_response", ["conversation"])


def _create_conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("commune", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_conversation"),
    )
    op.create_index("ix_conversation_updated_at", "conversation", ["updated_at"])
    op.create_table(
        "message",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, sa.ForeignKey("conversation.pseudonym")),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("commune", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("margin", sa.Double, nullable=False),
        sa.Column("entropy", sa.Double, nullable=False),
        sa.Column("out_of_scope", sa.Double, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("next_action", sa.Text, nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("identifier", name="pk_message"),
    )
    op.create_index("ix_message_at", "message", ["at"])
    op.create_index("ix_message_conversation", "message", ["conversation"])
    op.create_table(
        "feedback",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("conversation", sa.Text),
        sa.Column("thumb", sa.Text),
        sa.Column("rating", sa.Integer),
        sa.Column("resolved", sa.Boolean),
        sa.Column("corrected_intent", sa.Text),
        sa.Column("comment", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_feedback"),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.create_index("ix_feedback_conversation", "feedback", ["conversation"])
    op.create_index("ix_feedback_message", "feedback", ["message"])
    op.create_table(
        "queue_item",
        sa.Column("message", sa.Text, sa.ForeignKey("message.identifier"), nullable=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("usefulness", sa.Double, nullable=False),
        sa.Column("queued_at", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("register", sa.Text),
        sa.Column("subtype", sa.Text),
        sa.Column("labelled_at", sa.Text),
        sa.PrimaryKeyConstraint("message", name="pk_queue_item"),
    )


def _create_requests() -> None:
    op.create_table(
        "ticket",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("commune", sa.Text),
        sa.Column("intent", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text),
        sa.Column("first_answer_at", sa.Text),
        sa.Column("closed_at", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_ticket"),
    )
    op.create_index("ix_ticket_conversation", "ticket", ["conversation"])
    op.create_index("ix_ticket_opened_at", "ticket", ["opened_at"])
    op.create_table(
        "service_request",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("status_notes", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("address_id", sa.Text),
        sa.Column("commune", sa.Text),
        sa.Column("latitude", sa.Double),
        sa.Column("longitude", sa.Double),
        sa.Column("media_url", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text),
        sa.Column("agency_responsible", sa.Text),
        sa.Column("service_notice", sa.Text),
        sa.Column("requested_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("expected_at", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_service_request"),
    )
    op.create_index("ix_service_request_conversation", "service_request", ["conversation"])
    op.create_index("ix_service_request_requested_at", "service_request", ["requested_at"])


def _create_engagement() -> None:
    op.create_table(
        "exposure",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("arm", sa.Text, nullable=False),
        sa.Column("control", sa.Boolean, nullable=False),
        sa.Column("zone", sa.Text),
        sa.Column("commune", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "conversation", name="pk_exposure"),
    )
    op.create_index("ix_exposure_conversation", "exposure", ["conversation"])
    op.create_table(
        "opt_out",
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_opt_out"),
    )
