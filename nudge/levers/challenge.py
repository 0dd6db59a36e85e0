"""A collective challenge: a street tries to do better than its own starting point."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, Risk, Tidier, Variable
from nudge.levers.variables import DAILY_TIP, SHARE, SHARE_REFERENCE

END = Variable(
    name="fin", description="Dernier jour du défi, en toutes lettres.", example="30 septembre"
)

LEVER = Lever(
    identifier="defi",
    title="Défi collectif",
    what_it_does="Propose à une rue de faire mieux que son point de départ, un temps court.",
    mechanism=(
        "But commun, précis et proche : il donne une raison d'agir maintenant, et l'envie de "
        "réussir ensemble. La participation est libre et rien n'est promis en échange."
    ),
    channels=("affichage", "carte_porte", "reseaux", "presse"),
    families=("qualite", "participation", "sensibilisation"),
    evidence=(studies.VAROTTO, studies.SWANA),
    risks=(
        Risk(
            name="Pression entre voisins",
            description="Un défi peut pousser à chercher qui fait perdre la rue.",
            safeguard=(
                "La rue ne joue que contre son point de départ ; ni classement des foyers, ni "
                "classement des rues."
            ),
        ),
        Risk(
            name="Point de départ bas",
            description="Afficher une part faible peut faire passer l'erreur pour la règle.",
            safeguard=(
                "Le but commun est dit avant le chiffre ; la règle d'arrêt surveille ces rues."
            ),
        ),
        Risk(
            name="Effet de courte durée",
            description="L'effort peut retomber une fois le défi fini.",
            safeguard="Une vague de mesure est prévue après la fin du défi.",
        ),
        Risk(
            name="Récompense déguisée",
            description="Un lot changerait la nature du levier.",
            safeguard="Les mots de récompense sont refusés dans les messages.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="affiche_defi",
            channel="affichage",
            subject="Votre rue relève un défi",
            body=(
                "Votre rue relève un défi : mieux trier, ensemble, jusqu'au {{ fin }}.\n"
                "Point de départ : {{ norme.part }} de bacs bien triés.\n"
                "Chacun est libre de se joindre au défi.\n"
                "Pour en être, un geste :\n"
                "{{ geste }}"
            ),
            variables=(END, SHARE, DAILY_TIP),
        ),
        MessageTemplate(
            identifier="carte_etape",
            channel="carte_porte",
            subject="Le défi de votre rue : où en est-on ?",
            body=(
                "Bonjour,\n"
                "Le défi de votre rue continue jusqu'au {{ fin }}.\n"
                "Au départ : {{ repere.part }} de bacs bien triés.\n"
                "Ce mois-ci : {{ norme.part }}.\n"
                "Merci à ceux qui jouent le jeu.\n"
                "Il est encore temps de vous joindre à eux :\n"
                "{{ geste }}"
            ),
            variables=(END, SHARE, SHARE_REFERENCE, DAILY_TIP),
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Défi collectif de rue",
        why="Un but commun et proche donne une raison d'agir maintenant.",
        materials="Affiche de lancement, carte d'étape, affiche de résultat",
        procedures="Annonce du point de départ mesuré, carte à mi-parcours, résultat à la fin",
        provider="Service environnement, avec les mairies",
        how="Affichage et remise à tous les logements de la rue, sans nom",
        where="Rues tirées au sort de la campagne",
        when="Quatre à six semaines, une carte d'étape",
        tailoring="Le point de départ est celui de la rue.",
    ),
)
