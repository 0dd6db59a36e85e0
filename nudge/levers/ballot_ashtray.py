"""Ballot ashtray: smokers answer a light question with their butt."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, Risk, Tidier, Variable

QUESTION = Variable(
    name="question",
    description="Question légère, sans sujet politique ni personnel, renouvelée souvent.",
    example="Plutôt bain du matin ou bain du soir ?",
)
LEFT = Variable(name="choix_gauche", description="Réponse de gauche.", example="le matin")
RIGHT = Variable(name="choix_droite", description="Réponse de droite.", example="le soir")

LEVER = Lever(
    identifier="cendrier_sondage",
    title="Cendrier de sondage",
    what_it_does="Propose de répondre à une question en déposant son mégot dans un cendrier.",
    mechanism=(
        "Jeu et curiosité : le geste attendu devient une réponse amusante, sur le chemin de la "
        "plage."
    ),
    channels=("mobilier", "affichage"),
    families=("incivilites", "participation"),
    evidence=(studies.GRENOBLE_ASHTRAY,),
    risks=(
        Risk(
            name="Manipulation ressentie",
            description=(
                "Une étude de terrain a vu l'effet se retourner quand le cendrier est ressenti "
                "comme une manipulation."
            ),
            safeguard=(
                "Un panneau dit que c'est un essai et pourquoi ; la règle d'arrêt suit les "
                "mégots au sol et les réclamations."
            ),
        ),
        Risk(
            name="Compter les votes comme un résultat",
            description="Des votes nombreux ne disent pas qu'il y a moins de mégots au sol.",
            safeguard=(
                "Le critère est le nombre de mégots au sol dans un carré fixe ; les votes sont "
                "un critère de participation, lu à part."
            ),
        ),
        Risk(
            name="Déplacement",
            description="Le cendrier attire les fumeurs vers un lieu.",
            safeguard="Des carrés voisins sont comptés aussi ; les sites alternent.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="cendrier_question",
            channel="mobilier",
            subject="Votez avec votre mégot",
            body=(
                "{{ question }}\n"
                "À gauche : {{ choix_gauche }}.\n"
                "À droite : {{ choix_droite }}.\n"
                "Votez avec votre mégot !"
            ),
            variables=(QUESTION, LEFT, RIGHT),
        ),
        MessageTemplate(
            identifier="panneau_essai",
            channel="affichage",
            subject="Pourquoi ce cendrier ?",
            body=(
                "Ce cendrier est un essai.\n"
                "Nous voulons une plage sans mégots, avec vous.\n"
                "Nous comptons les mégots, jamais les personnes.\n"
                "Vous êtes libre de vous en servir ou non.\n"
                "Si vous fumez, déposez ici votre mégot éteint."
            ),
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Cendrier de sondage sur la plage",
        why="Un geste amusant se fait plus volontiers.",
        materials="Cendrier à deux compartiments, question, panneau qui dit que c'est un essai",
        procedures="Pose, comptage des mégots au sol dans un carré fixe, relevé des votes",
        provider="Services techniques et service environnement",
        how="Mobilier en libre usage",
        where="Sites de plage tirés au sort, alternés dans la saison",
        when="Présence continue pendant la période de chaque site",
        tailoring="La question change chaque semaine.",
    ),
)
