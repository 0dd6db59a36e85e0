"""Tables of the service.

They live beside those of ``nudge.store``, in the same database and under their own version. The
migrations write them out on their own, so that history does not move with this file. Instants
are texts in ISO 8601, UTC: their order is that of time.
"""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_N_label)s"})

api_key = Table(
    "api_key",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    Column("revoked_at", Text),
)

idempotent_response = Table(
    "idempotent_response",
    metadata,
    Column("client", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("response", Text, nullable=False),
    Column("conversation", Text, index=True),
    Column("at", Text, nullable=False, index=True),
)

conversation = Table(
    "conversation",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("commune", Text),
    Column("state", Text, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False, index=True),
)

message = Table(
    "message",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("conversation", Text, ForeignKey("conversation.pseudonym"), index=True),
    Column("at", Text, nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("commune", Text),
    Column("text", Text, nullable=False),
    Column("intent", Text),
    Column("confidence", Double, nullable=False),
    Column("margin", Double, nullable=False),
    Column("entropy", Double, nullable=False),
    Column("out_of_scope", Double, nullable=False),
    Column("decision", Text, nullable=False),
    Column("next_action", Text, nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("model_version", Text, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("at", Text, nullable=False, index=True),
    Column("message", Text, index=True),
    Column("conversation", Text, index=True),
    Column("thumb", Text),
    Column("rating", Integer),
    Column("resolved", Boolean),
    Column("corrected_intent", Text),
    Column("comment", Text),
)

queue_item = Table(
    "queue_item",
    metadata,
    Column("message", Text, ForeignKey("message.identifier"), primary_key=True),
    Column("cluster", Text, nullable=False),
    Column("usefulness", Double, nullable=False),
    Column("queued_at", Text, nullable=False),
    Column("intent", Text),
    Column("register", Text),
    Column("subtype", Text),
    Column("labelled_at", Text),
)

ticket = Table(
    "ticket",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("conversation", Text, index=True),
    Column("message", Text),
    Column("opened_at", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("commune", Text),
    Column("intent", Text),
    Column("reason", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_at", Text),
    Column("first_answer_at", Text),
    Column("closed_at", Text),
)

exposure = Table(
    "exposure",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("arm", Text, nullable=False),
    Column("control", Boolean, nullable=False),
    Column("zone", Text),
    Column("commune", Text),
    Column("message", Text, nullable=False),
    Column("intent", Text),
    Column("at", Text, nullable=False),
    Index("ix_exposure_conversation", "conversation"),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("at", Text, nullable=False),
)

service_request = Table(
    "service_request",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("service_code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_notes", Text),
    Column("description", Text),
    Column("attributes", Text, nullable=False),
    Column("address", Text),
    Column("address_id", Text),
    Column("commune", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("media_url", Text),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, index=True),
    Column("agency_responsible", Text),
    Column("service_notice", Text),
    Column("requested_at", Text, nullable=False, index=True),
    Column("updated_at", Text, nullable=False),
    Column("expected_at", Text),
)
