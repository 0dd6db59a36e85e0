"""First version: campaigns, event log, import batches and the tables of twelve instruments.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TYPES = {
    "string": sa.Text,
    "boolean": sa.Boolean,
    "integer": sa.BigInteger,
    "number": sa.Double,
    "date": sa.Date,
}

# Instrument: its key, then its columns as name:kind, a question mark where empty is allowed.
_INSTRUMENTS = {
    "controle_bac": (
        "controle_id",
        "controle_id:string zone_id:string foyer_id:string vague:string date:date "
        "presente:boolean couleur:string? codes_erreur:string? controleur:string rang:integer "
        "meteo:string?",
    ),
    "comptage_bacs": (
        "zone_id vague",
        "zone_id:string vague:string date:date n_controles:integer n_non_presentes:integer "
        "n_vert:integer n_orange:integer n_rouge:integer",
    ),
    "caracterisation": (
        "echantillon_id categorie",
        "echantillon_id:string zone_id:string vague:string date:date flux:string "
        "categorie:string masse_kg:number indesirable:boolean",
    ),
    "refus_camion": (
        "pesee_id",
        "pesee_id:string zone_id:string vague:string date:date flux:string "
        "masse_recue_kg:number masse_refusee_kg:number",
    ),
    "remplissage_pav": (
        "releve_id",
        "releve_id:string zone_id:string vague:string date:date flux:string "
        "taux_remplissage_pct:number volume_l:number? deborde:boolean",
    ),
    "comptage_site": (
        "comptage_id",
        "comptage_id:string zone_id:string vague:string date:date megots_sol:integer "
        "megots_cendrier:integer bulletins:integer? carre_m2:number duree_h:number "
        "frequentation:integer?",
    ),
    "depot_sauvage": (
        "releve_id",
        "releve_id:string zone_id:string vague:string date:date nombre:integer duree_jours:number",
    ),
    "distribution": (
        "remise_id",
        "remise_id:string zone_id:string foyer_id:string? date:date bras:string canal:string "
        "remis:boolean motif_non_remis:string?",
    ),
    "autocontrole": (
        "reponse_id",
        "reponse_id:string zone_id:string foyer_id:string? vague:string date:date score:integer",
    ),
    "reclamation": (
        "reclamation_id",
        "reclamation_id:string zone_id:string date:date motif:string canal:string",
    ),
    "consommation_eau": (
        "releve_id",
        "releve_id:string zone_id:string foyer_id:string vague:string date:date volume_m3:number",
    ),
    "consentement": (
        "consentement_id",
        "consentement_id:string zone_id:string foyer_id:string finalite:string "
        "version_texte:string canal:string donne_le:date retire_le:date?",
    ),
}

_SQLITE_TRIGGERS = """
CREATE TRIGGER event_no_{verb} BEFORE {verb} ON event
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()
"""


def upgrade() -> None:
    """Create every table and make the event log append-only."""
    _create_campaign_and_log()
    _create_batches()
    _create_record_of_campaign()
    for name, (key, columns) in _INSTRUMENTS.items():
        _create_observations(name, key=key.split(), columns=columns.split())
    _refuse_changes_of_events()


def _create_campaign_and_log() -> None:
    op.create_table(
        "campaign",
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("yaml", sa.Text, nullable=False),
        sa.Column("plan_sha256", sa.Text),
        sa.Column("zones_sha256", sa.Text),
        sa.Column("seed", sa.BigInteger),
        sa.Column("simulation", sa.Boolean, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("identifier", name="pk_campaign"),
    )
    op.create_table(
        "event",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_event"),
    )
    op.create_index("ix_event_campaign_kind", "event", ["campaign", "kind"])


def _create_batches() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("campaign", sa.Text, sa.ForeignKey("campaign.identifier"), nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("n_rows", sa.BigInteger, nullable=False),
        sa.Column("n_new", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
    )
    op.create_index("ix_import_batch_file", "import_batch", ["campaign", "instrument", "sha256"])
    op.create_table(
        "batch_ledger",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("import_batch.id"), nullable=False),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batch_ledger"),
    )


def _create_record_of_campaign() -> None:
    _create_for_campaign(
        "lock",
        sa.Column("plan_sha256", sa.Text, nullable=False),
        sa.Column("zones_sha256", sa.Text, nullable=False),
        sa.Column("yaml", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    _create_for_campaign(
        "amendment",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("yaml", sa.Text, nullable=False),
        sa.Column("plan_sha256", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    _create_for_campaign(
        "zone_of_campaign",
        sa.Column("zone_id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("nom", sa.Text),
        sa.Column("code_insee", sa.Text),
        sa.Column("commune", sa.Text),
        sa.Column("tournee_id", sa.Text),
        sa.Column("type_habitat", sa.Text),
        sa.Column("n_logements", sa.BigInteger),
        sa.Column("n_residences_secondaires", sa.BigInteger),
        sa.Column("part_residences_secondaires", sa.Double),
        sa.Column("latitude", sa.Double),
        sa.Column("longitude", sa.Double),
        sa.Column("n_zones", sa.BigInteger),
    )
    _create_for_campaign(
        "allocation",
        sa.Column("zone_id", sa.Text, primary_key=True),
        sa.Column("arm", sa.Text, nullable=False),
    )
    _create_for_campaign(
        "objection",
        sa.Column("pseudonym", sa.Text, primary_key=True),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )


def _create_for_campaign(name: str, *columns: sa.Column[Any]) -> None:
    owner = sa.ForeignKey("campaign.identifier")
    op.create_table(name, sa.Column("campaign", sa.Text, owner, primary_key=True), *columns)


def _create_observations(name: str, *, key: list[str], columns: list[str]) -> None:
    made: list[sa.Column[Any]] = []
    for column in columns:
        field, kind = column.split(":")
        nullable = kind.endswith("?")
        made.append(
            sa.Column(field, _TYPES[kind.rstrip("?")], nullable=nullable, autoincrement=False)
        )
    op.create_table(
        f"obs_{name}",
        sa.Column("campaign", sa.Text, nullable=False),
        *made,
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("row_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("campaign", *key, name=f"pk_obs_{name}"),
    )


def _refuse_changes_of_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(_SQLITE_TRIGGERS.format(verb=verb))
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL_TRIGGER)
