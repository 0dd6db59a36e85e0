"""Reminder and information: the right instruction at the right time."""

from nudge.levers import studies
from nudge.levers.anchors import ANCHOR_SOURCE
from nudge.levers.lever import Lever, MessageTemplate, PlausibleEffect, Risk, Tidier, Variable
from nudge.levers.variables import SORTING_TIP

DAY = Variable(
    name="jour_collecte",
    description="Jour de collecte de la tournée, tiré du calendrier en vigueur.",
    example="le mardi matin",
)

LEVER = Lever(
    identifier="rappel",
    title="Rappel et information",
    what_it_does="Redonne une seule consigne, à l'endroit ou au moment où elle sert.",
    mechanism=(
        "Attention : beaucoup d'erreurs viennent d'un oubli ou d'un doute. Un rappel court, posé "
        "là où l'on jette, arrive à temps."
    ),
    channels=("carte_porte", "calendrier", "affichage", "presse", "reseaux"),
    families=("qualite", "participation", "quantite", "sensibilisation"),
    evidence=(studies.SHEARER, studies.LINDER, studies.CHONG, studies.SCHULTZ_QUALITY),
    risks=(
        Risk(
            name="Lassitude",
            description="Un rappel trop fréquent n'est plus lu.",
            safeguard="Une consigne par message ; nombre de vagues fixé dans la campagne.",
        ),
        Risk(
            name="Portée limitée",
            description=(
                "L'information seule ne fait pas changer ceux qui font le plus d'erreurs."
            ),
            safeguard="L'analyse distingue les rues selon leur niveau de départ.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="carte_consigne",
            channel="carte_porte",
            subject="Un doute au moment de trier ?",
            body=(
                "Bonjour,\n"
                "Un doute au moment de trier ? Cela arrive à tout le monde.\n"
                "Voici le geste qui aide le plus :\n"
                "{{ consigne }}\n"
                "Merci à vous."
            ),
            variables=(SORTING_TIP,),
        ),
        MessageTemplate(
            identifier="calendrier_collecte",
            channel="calendrier",
            subject="Votre jour de tri",
            body=(
                "Votre bac de tri est vidé {{ jour_collecte }}.\n"
                "Avant de le sortir, un regard suffit :\n"
                "{{ consigne }}"
            ),
            variables=(DAY, SORTING_TIP),
        ),
        MessageTemplate(
            identifier="encart_presse",
            channel="presse",
            subject="Le bon geste du mois",
            body=(
                "Le bon geste du mois tient en une phrase :\n"
                "{{ consigne }}\n"
                "Une question sur le tri ? Posez-la à l'accueil, nous vous répondrons."
            ),
            variables=(SORTING_TIP,),
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Rappel d'une consigne de tri",
        why="Un rappel court, au bon endroit, évite l'oubli et lève le doute.",
        materials="Carte, encart de calendrier ou autocollant avec une seule consigne",
        procedures="Choix de la consigne d'après les erreurs relevées, remise, contrôle",
        provider="Ambassadeurs du tri et service communication",
        how="Remise à tous les logements ou affichage, sans nom",
        where="Rues tirées au sort de la campagne",
        when="Un message par vague",
        tailoring="La consigne répond à l'erreur la plus fréquente du territoire.",
    ),
    plausible_effects=(
        PlausibleEffect(
            family="quantite",
            low=8.0,
            high=20.7,
            unit="%",
            source=f"haut : {studies.SHEARER.study}, déchets alimentaires ; bas : {ANCHOR_SOURCE}",
        ),
    ),
)
