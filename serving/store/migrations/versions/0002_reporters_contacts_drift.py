"""Contact data of reporters, contacts on the other channels, drift checks.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    _create_report_contact()
    _create_contacts()
    _create_drift()


def _create_report_contact() -> None:
    op.create_table(
        "report_contact",
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("request", name="pk_report_contact"),
    )
    op.create_index("ix_report_contact_recorded_at", "report_contact", ["recorded_at"])


def _create_contacts() -> None:
    op.create_table(
        "crm_batch",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("n_rows", sa.Integer, nullable=False),
        sa.Column("n_new", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_crm_batch"),
    )
    op.create_table(
        "crm_contact",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("commune", sa.Text),
        sa.Column("user_category", sa.Text),
        sa.Column("theme", sa.Text),
        sa.Column("intent", sa.Text),
        sa.Column("nature", sa.Text),
        sa.Column("typed_by", sa.Text),
        sa.Column("delay_hours", sa.Double),
        sa.Column("opt_in", sa.Boolean),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_crm_contact"),
    )
    op.create_index("ix_crm_contact_day", "crm_contact", ["day"])
    op.create_index("ix_crm_contact_pseudonym", "crm_contact", ["pseudonym"])


def _create_drift() -> None:
    op.create_table(
        "drift_reference",
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("model_version", name="pk_drift_reference"),
    )
    op.create_table(
        "drift_check",
        sa.Column("week", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("week", "model_version", name="pk_drift_check"),
    )
