"""Tables of the store: the campaign's record and one table per field instrument.

The tables here are those that the code works with; the migrations under ``migrations/`` create
and change them, and write them out on their own so that history does not move with this file.
"""

from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument, Kind

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_N_label)s"})


def _campaign_key() -> Column[str]:
    return Column("campaign", Text, ForeignKey("campaign.identifier"), primary_key=True)


campaign = Table(
    "campaign",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("yaml", Text, nullable=False),
    Column("plan_sha256", Text),
    Column("zones_sha256", Text),
    Column("seed", BigInteger),
    Column("simulation", Boolean, nullable=False),
    Column("folder", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("campaign", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_event_campaign_kind", "campaign", "kind"),
)

import_batch = Table(
    "import_batch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("campaign", Text, ForeignKey("campaign.identifier"), nullable=False),
    Column("instrument", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("n_rows", BigInteger, nullable=False),
    Column("n_new", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("ix_import_batch_file", "campaign", "instrument", "sha256"),
)

batch_ledger = Table(
    "batch_ledger",
    metadata,
    Column("batch_id", Integer, ForeignKey("import_batch.id"), primary_key=True),
    Column("keys", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

lock = Table(
    "lock",
    metadata,
    _campaign_key(),
    Column("plan_sha256", Text, nullable=False),
    Column("zones_sha256", Text, nullable=False),
    Column("yaml", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("at", Text, nullable=False),
)

amendment = Table(
    "amendment",
    metadata,
    _campaign_key(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("yaml", Text, nullable=False),
    Column("plan_sha256", Text, nullable=False),
    Column("at", Text, nullable=False),
)

zone_of_campaign = Table(
    "zone_of_campaign",
    metadata,
    _campaign_key(),
    Column("zone_id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("nom", Text),
    Column("code_insee", Text),
    Column("commune", Text),
    Column("tournee_id", Text),
    Column("type_habitat", Text),
    Column("n_logements", BigInteger),
    Column("n_residences_secondaires", BigInteger),
    Column("part_residences_secondaires", Double),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("n_zones", BigInteger),
)

allocation = Table(
    "allocation",
    metadata,
    _campaign_key(),
    Column("zone_id", Text, primary_key=True),
    Column("arm", Text, nullable=False),
)

objection = Table(
    "objection",
    metadata,
    _campaign_key(),
    Column("pseudonym", Text, primary_key=True),
    Column("salt", Text, nullable=False),
    Column("at", Text, nullable=False),
)

_TYPES: MappingProxyType[Kind, TypeEngine[Any]] = MappingProxyType(
    {
        "string": Text(),
        "boolean": Boolean(),
        "integer": BigInteger(),
        "number": Double(),
        "date": Date(),
    }
)


def _observation_table(instrument: Instrument) -> Table:
    columns = [
        Column(
            column.name,
            _TYPES[column.kind],
            primary_key=column.name in instrument.key,
            nullable=not (column.required or column.name in instrument.key),
        )
        for column in instrument.columns
    ]
    return Table(
        f"obs_{instrument.name}",
        metadata,
        Column("campaign", Text, primary_key=True),
        *columns,
        Column("batch_id", Integer, nullable=False),
        Column("row_hash", LargeBinary, nullable=False),
    )


OBSERVATION_TABLES: MappingProxyType[str, Table] = MappingProxyType(
    {name: _observation_table(instrument) for name, instrument in INSTRUMENTS.items()}
)
