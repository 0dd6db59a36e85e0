"""Water report: twice a year, a dwelling's use beside that of similar dwellings."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, PlausibleEffect, Risk, Tidier, Variable

OWN_VOLUME = Variable(
    name="releve.volume",
    description="Volume du logement, lu dans les relevés.",
    norm_figure=True,
)
SIMILAR_MEAN = Variable(
    name="norme.moyenne",
    description="Moyenne calculée sur des logements comparables, celui-ci non compris.",
    norm_figure=True,
)
HALF_YEAR = Variable(
    name="periode", description="Semestre du rapport.", example="Au premier semestre"
)
WATER_TIP = Variable(
    name="geste",
    description="Un seul geste pour l'eau, en une phrase courte.",
    example="Fermez le robinet pendant que vous vous brossez les dents.",
)

LEVER = Lever(
    identifier="rapport_eau",
    title="Rapport de consommation comparé",
    what_it_does="Montre deux fois par an la consommation d'eau à côté de logements comparables.",
    mechanism=(
        "Retour et norme : voir sa consommation à côté d'un repère juste aide à savoir si un "
        "geste est utile."
    ),
    channels=("courrier", "email"),
    families=("quantite",),
    evidence=(studies.ALLCOTT, studies.ALLCOTT_ROGERS),
    risks=(
        Risk(
            name="Effet boomerang",
            description="Un logement sous la moyenne peut relâcher ses gestes.",
            safeguard="Un remerciement accompagne le chiffre ; l'analyse lit ce groupe à part.",
        ),
        Risk(
            name="Comparaison injuste",
            description="Une résidence secondaire ou une famille nombreuse se compare mal.",
            safeguard=(
                "Comparaison entre logements de même type et de même occupation ; au moins "
                "10 logements."
            ),
        ),
        Risk(
            name="Donnée personnelle",
            description="La consommation dit quand un logement est occupé.",
            safeguard="Accord préalable, envoi au seul titulaire, total du semestre seulement.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="rapport_courrier",
            channel="courrier",
            subject="Votre rapport de consommation d'eau",
            body=(
                "Bonjour,\n"
                "{{ periode }}, votre logement a utilisé {{ releve.volume }} d'eau.\n"
                "En moyenne, des logements comparables ont utilisé {{ norme.moyenne }}.\n"
                "Chaque foyer a ses raisons : ce repère est là pour vous aider.\n"
                "Une idée simple :\n"
                "{{ geste }}"
            ),
            variables=(HALF_YEAR, OWN_VOLUME, SIMILAR_MEAN, WATER_TIP),
        ),
        MessageTemplate(
            identifier="rapport_email",
            channel="email",
            subject="Votre eau ce semestre",
            body=(
                "Bonjour,\n"
                "Voici votre eau du semestre : {{ releve.volume }}.\n"
                "Le repère des logements comparables : {{ norme.moyenne }}.\n"
                "Merci pour le soin que vous prenez de l'eau.\n"
                "Un geste à essayer :\n"
                "{{ geste }}"
            ),
            variables=(OWN_VOLUME, SIMILAR_MEAN, WATER_TIP),
        ),
    ),
    addressed=True,
    tidier=Tidier(
        name="Rapport semestriel de consommation d'eau",
        why="Un repère juste aide à juger de sa propre consommation.",
        materials="Lettre ou courriel avec deux chiffres calculés et un geste",
        procedures="Lecture des relevés, choix des logements comparables, envoi",
        provider="Communauté de communes, avec son opérateur de l'eau",
        how="Envoi personnel avec accord préalable",
        where="Logements volontaires des zones de la campagne",
        when="Deux rapports par an",
        tailoring="Chiffres propres au logement ; repère de logements comparables.",
    ),
    plausible_effects=(
        PlausibleEffect(
            family="quantite",
            low=2.0,
            high=2.0,
            unit="%",
            source=f"{studies.ALLCOTT.study} : électricité, seule valeur vérifiée",
        ),
    ),
)
