"""Eco-gesture: one tip offered by Sophie after she has answered."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, Risk, Tidier, Variable
from nudge.levers.variables import DAILY_TIP

SEASON = Variable(
    name="moment",
    description="Moment de l'année auquel le geste se rapporte.",
    example="C'est la saison des pique-niques.",
)

LEVER = Lever(
    identifier="eco_geste_sophie",
    title="Éco-geste proposé par Sophie",
    what_it_does="Après une réponse utile, Sophie propose un éco-geste, une fois par conversation.",
    mechanism=(
        "Moment propice : la personne vient de recevoir de l'aide sur les déchets et pense déjà "
        "au sujet."
    ),
    channels=("chat",),
    families=("sensibilisation",),
    evidence=(studies.CHONG,),
    risks=(
        Risk(
            name="Public du numérique seulement",
            description="Les personnes qui écrivent à Sophie ne sont pas tous les habitants.",
            safeguard=(
                "Aucune conclusion sur la qualité du tri du territoire n'en est tirée : seule la "
                "sensibilisation peut être revendiquée."
            ),
        ),
        Risk(
            name="Confusion avec une personne",
            description="Un message signé d'un prénom peut faire croire à une personne.",
            safeguard="Sophie dit à chaque message qu'elle est un assistant automatique.",
        ),
        Risk(
            name="Réponse retardée",
            description="Un conseil placé avant la réponse gêne la personne.",
            safeguard="Le conseil vient toujours après la réponse, jamais après une réclamation.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="astuce_fin",
            channel="chat",
            subject="Une idée simple",
            body=(
                "Avant de vous laisser, voici une idée simple.\n"
                "{{ geste }}\n"
                "Vous êtes libre de la suivre, bien sûr. Bonne journée !"
            ),
            variables=(DAILY_TIP,),
        ),
        MessageTemplate(
            identifier="astuce_saison",
            channel="chat",
            subject="L'idée de saison",
            body="{{ moment }}\nVoici un geste qui aide :\n{{ geste }}\nMerci de votre visite.",
            variables=(SEASON, DAILY_TIP),
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Éco-geste en fin de conversation",
        why="Un conseil court touche davantage quand on pense déjà au sujet.",
        materials="Une phrase dans la conversation",
        procedures="Tirage par conversation, affichage après la réponse, mesure par un court quiz",
        provider="Sophie, assistant automatique",
        how="Conversation en ligne ; information préalable et opposition simple",
        where="Site de la Communauté de communes",
        when="Une fois par conversation",
        tailoring="Le geste suit le thème de la question posée.",
    ),
)
