"""Salience: a labyrinth painted on the ground that leads to the right bin."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, Risk, Tidier
from nudge.levers.variables import SORTING_TIP

LEVER = Lever(
    identifier="labyrinthe_sol",
    title="Labyrinthe au sol",
    what_it_does="Peint au sol un labyrinthe dont le chemin mène à la bonne corbeille de tri.",
    mechanism=(
        "Saillance : le dessin attire l'œil au moment du geste et rend la bonne corbeille "
        "évidente, sans texte à lire."
    ),
    channels=("marquage_sol", "affichage"),
    families=("qualite", "quantite", "incivilites"),
    evidence=(studies.VAROTTO, studies.CHONG),
    risks=(
        Risk(
            name="Effet de nouveauté",
            description="Le dessin se voit moins au fil des semaines.",
            safeguard="Mesure prolongée après la pose ; alternance de sites avec et sans dessin.",
        ),
        Risk(
            name="Accessibilité et sécurité",
            description="Une peinture glissante ou trompeuse gêne les piétons.",
            safeguard=(
                "Peinture antidérapante, hors des passages et des bandes podotactiles ; "
                "pictogramme et mot ensemble."
            ),
        ),
        Risk(
            name="Report sur les sites voisins",
            description="Le public change de corbeille sans mieux trier.",
            safeguard="Les corbeilles voisines sont comptées aussi, ou laissées en zone tampon.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="marquage_depart",
            channel="marquage_sol",
            subject="Suivez le chemin",
            body="Un emballage à la main ?\nSuivez le chemin, il mène au tri.",
        ),
        MessageTemplate(
            identifier="panneau_labyrinthe",
            channel="affichage",
            subject="Pourquoi ce dessin au sol ?",
            body=(
                "Ce dessin est un essai.\n"
                "Il aide à trouver la bonne corbeille.\n"
                "Nous comptons ce qui est jeté, jamais qui le jette.\n"
                "Au bout du chemin :\n"
                "{{ consigne }}"
            ),
            variables=(SORTING_TIP,),
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Labyrinthe au sol devant les corbeilles de tri",
        why="Ce qui se voit au moment du geste guide le geste.",
        materials="Peinture au sol, panneau qui dit que c'est un essai",
        procedures="Pose, relevés de contenu des corbeilles, dépose ou alternance",
        provider="Services techniques et service environnement",
        how="Aménagement du lieu, sans intervention humaine",
        where="Sites tirés au sort : front de mer, places, points d'apport",
        when="Présence continue pendant la période de chaque site",
        tailoring="Aucune : le même dessin partout.",
    ),
)
