"""Table of the instrument ``conversation``.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "obs_conversation",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("foyer_id", sa.Text, nullable=False),
        sa.Column("zone_id", sa.Text, nullable=False),
        sa.Column("vague", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("interet", sa.Boolean, nullable=False),
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("row_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "foyer_id", name="pk_obs_conversation"),
    )
