"""Gate: what the register of processing needs is written (GDPR art. 5, 6, 13 and 30)."""

from nudge.campaign.governance import Legal
from nudge.errors import Problem
from nudge.gates.gate import GateContext, GateResult, reason

BASIS_TITLES = {
    "mission_interet_public": "mission d'intérêt public (art. 6, 1, e)",
    "consentement": "consentement (art. 6, 1, a)",
    "sans_donnee_personnelle": "aucune donnée personnelle",
}
NO_PERSONAL_DATA = "sans_donnee_personnelle"


def check(context: GateContext) -> GateResult:
    """Refuse a legal block with an empty field, or a basis that does not fit the arms."""
    legal = context.campaign.legal
    reasons = [*_empty_fields(legal), *_basis(context)]
    facts = [] if legal.basis is None else [f"Base légale : {BASIS_TITLES[legal.basis]}."]
    if legal.retention_months is not None:
        facts.append(f"Données de terrain effacées après {legal.retention_months} mois.")
    return GateResult(
        name="legal_block", title="Bloc juridique", reasons=tuple(reasons), facts=tuple(facts)
    )


def _empty_fields(legal: Legal) -> list[Problem]:
    needed = ["purpose", "controller", "notice"]
    if legal.basis != NO_PERSONAL_DATA:
        needed += ["data_categories", "retention_months", "objection_channel", "dpia"]
    problems = []
    for name in needed:
        value = getattr(legal, name)
        if value is None or not value or (isinstance(value, str) and not value.strip()):
            field = Legal.model_fields[name]
            problems.append(
                reason(
                    f"{field.title} : non renseigné", f"écrire : {field.description}",
                    field=f"juridique, {field.alias or name}",
                )
            )  # fmt: skip
    return problems


def _basis(context: GateContext) -> list[Problem]:
    basis = context.campaign.legal.basis
    field = "juridique, base_legale"
    if basis is None:
        return [
            reason(
                "base légale absente",
                "la faire décider par le responsable de traitement, puis l'écrire",
                field=field,
            )
        ]
    addressed = [arm.title for arm in context.campaign.arms if arm.addressed]
    if addressed and basis != "consentement":
        return [
            reason(
                f"« {addressed[0]} » s'adresse à des personnes nommées : seule base admise, le "
                "consentement",
                "écrire « consentement », ou remettre un message qui ne vise personne en "
                "particulier (adresse_individuellement: non)",
                field=field,
            )
        ]
    households = any(outcome.instrument in _BY_DWELLING for outcome in context.campaign.outcomes)
    if basis == NO_PERSONAL_DATA and households:
        return [
            reason(
                "les relevés portent le pseudonyme d'un logement : ce sont des données "
                "personnelles",
                "écrire la base décidée par le responsable de traitement, ou mesurer par décompte "
                "(comptage_bacs)",
                field=field,
            )
        ]
    return []


_BY_DWELLING = frozenset({"controle_bac", "consommation_eau"})
