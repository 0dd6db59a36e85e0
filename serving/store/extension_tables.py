"""Tables of reporters' contact data, of contacts on the other channels, and of drift checks."""

from sqlalchemy import Boolean, Column, Double, Integer, Table, Text

from serving.store.tables import metadata

# Apart from ``service_request``, so that it can be erased without touching the report.
report_contact = Table(
    "report_contact",
    metadata,
    Column("request", Text, primary_key=True),
    Column("contact", Text, nullable=False),
    Column("recorded_at", Text, nullable=False, index=True),
)

crm_batch = Table(
    "crm_batch",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("n_new", Integer, nullable=False),
    Column("at", Text, nullable=False),
)

crm_contact = Table(
    "crm_contact",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("batch", Text, nullable=False),
    Column("pseudonym", Text, nullable=False, index=True),
    Column("day", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("commune", Text),
    Column("user_category", Text),
    Column("theme", Text),
    Column("intent", Text),
    Column("nature", Text),
    Column("typed_by", Text),
    Column("delay_hours", Double),
    Column("opt_in", Boolean),
    Column("text", Text),
)

drift_reference = Table(
    "drift_reference",
    metadata,
    Column("model_version", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("at", Text, nullable=False),
)

drift_check = Table(
    "drift_check",
    metadata,
    Column("week", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("at", Text, nullable=False),
)
