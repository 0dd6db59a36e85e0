"""Social comparison: what neighbours do, as measured in the street."""

from nudge.levers import studies
from nudge.levers.anchors import ANCHOR_SOURCE
from nudge.levers.lever import Lever, MessageTemplate, PlausibleEffect, Risk, Tidier
from nudge.levers.variables import (
    DAILY_TIP,
    REFERENCE_SCOPE,
    SHARE,
    SHARE_REFERENCE,
    SORTING_TIP,
)

LEVER = Lever(
    identifier="comparaison_sociale",
    title="Comparaison sociale",
    what_it_does="Fait savoir comment trie la rue, à côté d'un repère calculé de la même façon.",
    mechanism=(
        "Norme descriptive : savoir que ses voisins font un geste invite à le faire aussi. "
        "La norme agit si elle est vraie, proche et majoritaire."
    ),
    channels=("carte_porte", "courrier", "affichage"),
    families=("qualite", "participation", "quantite"),
    evidence=(
        studies.NOMURA,
        studies.SCHULTZ_PARTICIPATION,
        studies.SCHULTZ_QUALITY,
        studies.EK_SODERBERG,
        studies.HEWITT,
        studies.GEISLAR,
        studies.CZAJKOWSKI,
        studies.VAROTTO,
    ),
    risks=(
        Risk(
            name="Effet boomerang",
            description="Les bons trieurs peuvent relâcher leur effort en se voyant en avance.",
            safeguard=(
                "Un remerciement accompagne toujours le chiffre ; l'analyse regarde à part les "
                "rues qui triaient déjà bien, et une règle d'arrêt les surveille."
            ),
        ),
        Risk(
            name="Norme défavorable",
            description="Montrer que peu de personnes trient bien rend l'erreur normale.",
            safeguard="Le message est refusé quand la part calculée est inférieure à la moitié.",
        ),
        Risk(
            name="Stigmatisation",
            description="Une petite rue peut se sentir montrée du doigt.",
            safeguard=(
                "Aucun chiffre sous 10 logements contrôlés ou 5 bacs sortis ; aucun foyer désigné."
            ),
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="carte_rue",
            channel="carte_porte",
            subject="Le tri dans votre rue",
            body=(
                "Bonjour,\n"
                "Dans votre rue, {{ norme.part }} des bacs de tri sortis étaient bien triés.\n"
                "Merci à vous et à vos voisins.\n"
                "Un geste à garder cette semaine :\n"
                "{{ consigne }}"
            ),
            variables=(SHARE, SORTING_TIP),
            norm_at_least=0.5,
        ),
        MessageTemplate(
            identifier="lettre_repere",
            channel="courrier",
            subject="Votre rue et le tri",
            body=(
                "Bonjour,\n"
                "Nous regardons le tri de rues entières. Nous ne notons aucun nom.\n"
                "Dans votre rue, {{ norme.part }} des bacs sortis étaient bien triés.\n"
                "Pour comparer : {{ repere.part }} ({{ repere.perimetre }}).\n"
                "Merci pour vos gestes de chaque jour.\n"
                "Pour aider votre rue, voici une idée :\n"
                "{{ consigne }}"
            ),
            variables=(SHARE, SHARE_REFERENCE, REFERENCE_SCOPE, SORTING_TIP),
            norm_at_least=0.5,
        ),
        MessageTemplate(
            identifier="affiche_hall",
            channel="affichage",
            subject="Ici, on trie",
            body=(
                "Ici, {{ norme.part }} des bacs de tri sortis étaient bien triés.\n"
                "Merci à vous !\n"
                "{{ geste }}"
            ),
            variables=(SHARE, DAILY_TIP),
            norm_at_least=0.5,
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Comparaison sociale de rue",
        why="Une norme proche et vraie invite à faire comme ses voisins.",
        materials="Carte ou lettre avec la part de bacs bien triés, son effectif et ses dates",
        procedures="Contrôle visuel des bacs, calcul de la part par rue, remise de la carte",
        provider="Ambassadeurs du tri et service environnement",
        how="Remise à tous les logements de la rue, sans nom",
        where="Rues tirées au sort de la campagne",
        when="Une carte par vague, deux vagues au moins",
        tailoring="Le chiffre est celui de la rue ; le texte est le même partout.",
    ),
    plausible_effects=(
        PlausibleEffect(
            family="participation",
            low=1.4,
            high=2.8,
            unit="points",
            source=f"haut : {studies.NOMURA.study} ; bas : {ANCHOR_SOURCE}",
        ),
        PlausibleEffect(
            family="quantite",
            low=7.0,
            high=12.0,
            unit="%",
            source=f"{studies.EK_SODERBERG.study} (tarification à la quantité déjà en place)",
        ),
    ),
)
