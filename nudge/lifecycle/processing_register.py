"""Entry of a campaign in the register of processing (GDPR art. 30), as Markdown in French."""

from collections.abc import Sequence

from nudge.campaign.campaign import Campaign
from nudge.french.numbers import and_list
from nudge.gates.legal_block import BASIS_TITLES

SECURITY = "pseudonymes, effectifs réduits non affichés, journal des opérations chaîné"
TO_STATE = "à préciser par le responsable de traitement"


def register_entry(campaign: Campaign) -> str:
    """Return the entry as a table of two columns."""
    legal = campaign.legal
    months = legal.retention_months
    rows = (
        ("Traitement", campaign.shown_title),
        ("Responsable de traitement", legal.controller),
        ("Sous-traitants", _listed(legal.processors)),
        ("Finalité", legal.purpose),
        ("Base légale", "" if legal.basis is None else BASIS_TITLES[legal.basis]),
        ("Personnes concernées", campaign.population),
        ("Catégories de données", _listed(legal.data_categories)),
        ("Destinataires", f"{TO_STATE} ; seuls des agrégats sont publiés"),
        ("Transferts hors de l'Union européenne", TO_STATE),
        ("Conservation", "" if months is None else f"{months} mois, puis effacement (« purge »)"),
        ("Mesures de sécurité", SECURITY),
        ("Information des personnes", legal.notice),
        ("Droit d'opposition", legal.objection_channel),
        ("Analyse d'impact", legal.dpia),
        ("Décision automatisée", "aucune"),
    )
    lines = ["| Rubrique | Contenu |", "|---|---|"]
    lines += [f"| {name} | {_cell(text)} |" for name, text in rows]
    return "\n".join([f"# Registre des traitements : {campaign.shown_title}", "", *lines]) + "\n"


def _listed(items: Sequence[str]) -> str:
    return and_list(items) if items else "aucun"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or "non renseigné"
