"""Words of a report explained to who has never read a trial; only those that a report uses."""

from nudge.analysis.result import CampaignResult
from nudge.report.conclusion import compares

_COMPARED = (
    (
        "Groupe témoin",
        "Zones mesurées de la même façon, sans recevoir de message. Elles montrent ce qui se "
        "serait passé de toute façon.",
    ),
    (
        "Écart",
        "Différence entre un groupe qui a reçu le coup de pouce et le groupe témoin, dans l'unité "
        "du critère.",
    ),
    (
        "Intervalle",
        "Valeurs de l'effet compatibles avec les mesures. À 95 %, si l'on refaisait l'essai cent "
        "fois, environ 95 de ces intervalles contiendraient l'effet vrai.",
    ),
    (
        "p",
        "Part des fois où le hasard seul donnerait un écart au moins aussi grand. Un petit p ne "
        "dit rien de la taille de l'effet.",
    ),
    (
        "Puissance",
        "Chances qu'un essai établisse un effet d'une taille donnée, si cet effet existe.",
    ),
)
_DRAWN = (
    (
        "Tirage au sort",
        "Le hasard, et rien d'autre, décide quelles zones reçoivent le message : c'est ce qui "
        "rend les groupes comparables.",
    ),
)
_MANY = (
    (
        "p corrigé",
        "Le même p, rendu plus exigeant parce que plusieurs comparaisons sont faites à la fois.",
    ),
)
_ALWAYS = (
    (
        "Point",
        "Différence entre deux pourcentages : passer de 60 % à 67 %, c'est 7 points de plus.",
    ),
    (
        "Coup de pouce (nudge)",
        "Manière de présenter les choses qui aide à bien faire, sans obligation ni sanction.",
    ),
    (
        "Vague",
        "Période pendant laquelle toutes les zones sont mesurées ; de référence avant le coup de "
        "pouce, de suivi ensuite.",
    ),
)
_CORRELATED = (
    (
        "Corrélation intra-zone",
        "Ressemblance entre les relevés d'une même zone. Plus elle est forte, moins chaque relevé "
        "supplémentaire apprend.",
    ),
)
_BEFORE_AFTER = (
    (
        "Avant/après",
        "Comparaison d'une même population à deux moments. Tout ce qui a changé entre les deux, "
        "saison ou public, s'y mêle.",
    ),
)


def glossary(result: CampaignResult) -> tuple[tuple[str, str], ...]:
    """Return the words that this result needs, in alphabetical order."""
    words = list(_ALWAYS)
    if result.primary.estimates:
        words += _COMPARED
    if result.campaign.conception == "randomisee":
        words += _DRAWN
    if result.icc is not None:
        words += _CORRELATED
    if any(one.p_adjusted is not None for found in result.outcomes for one in found.estimates):
        words += _MANY
    if not compares(result):
        words += _BEFORE_AFTER
    return tuple(sorted(words, key=lambda item: item[0].casefold().replace("é", "e")))
