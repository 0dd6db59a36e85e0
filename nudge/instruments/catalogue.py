"""All field instruments: adding one is adding its Table Schema and its name here."""

from types import MappingProxyType

from nudge.instruments.instrument import Instrument, instrument_of

NAMES = (
    "controle_bac",
    "comptage_bacs",
    "caracterisation",
    "refus_camion",
    "remplissage_pav",
    "comptage_site",
    "depot_sauvage",
    "distribution",
    "autocontrole",
    "reclamation",
    "consommation_eau",
    "consentement",
    "conversation",
)

INSTRUMENTS: MappingProxyType[str, Instrument] = MappingProxyType(
    {name: instrument_of(name) for name in NAMES}
)
