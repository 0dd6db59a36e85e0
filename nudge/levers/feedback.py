"""Feedback and recognition: telling a street what was seen, and thanking it."""

from nudge.levers import studies
from nudge.levers.anchors import ANCHOR_SOURCE
from nudge.levers.lever import Lever, MessageTemplate, PlausibleEffect, Risk, Tidier
from nudge.levers.variables import DAILY_TIP, SHARE, SHARE_REFERENCE, SORTING_TIP

LEVER = Lever(
    identifier="valorisation",
    title="Retour et reconnaissance",
    what_it_does="Dit à la rue ce qui a été vu au dernier passage et remercie de ce qui va bien.",
    mechanism=(
        "Le retour rend visible l'effet d'un geste que l'on fait sans en voir le résultat ; "
        "la reconnaissance soutient la fierté de bien faire."
    ),
    channels=("carte_porte", "courrier", "affichage"),
    families=("qualite", "participation", "quantite"),
    evidence=(
        studies.SCHULTZ_PARTICIPATION,
        studies.SCHULTZ_AMOUNT,
        studies.SCHULTZ_QUALITY,
        studies.DE_YOUNG,
        studies.ORANGE_COUNTY,
        studies.RENNES,
        studies.SWANA,
    ),
    risks=(
        Risk(
            name="Surveillance ressentie",
            description="Savoir que son bac est regardé peut gêner, et change le tri à lui seul.",
            safeguard=(
                "Le message dit que le contrôle est par rue et sans nom ; les rues témoins sont "
                "contrôlées de la même façon."
            ),
        ),
        Risk(
            name="Relâchement",
            description="Un remerciement peut être lu comme « c'est assez ».",
            safeguard="Chaque merci est suivi d'un seul geste à garder.",
        ),
        Risk(
            name="Retour individuel",
            description="Une étiquette sur un bac désigne un foyer aux passants.",
            safeguard="Le retour est donné par rue ; jamais d'étiquette visible sur un bac.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="carte_merci",
            channel="carte_porte",
            subject="Merci pour votre tri",
            body=(
                "Merci !\n"
                "À notre dernier passage, {{ norme.part }} des bacs de tri de votre rue étaient "
                "bien triés.\n"
                "Vos gestes comptent.\n"
                "Celui à garder :\n"
                "{{ consigne }}"
            ),
            variables=(SHARE, SORTING_TIP),
            norm_at_least=0.5,
        ),
        MessageTemplate(
            identifier="lettre_progres",
            channel="courrier",
            subject="Le point sur le tri de votre rue",
            body=(
                "Bonjour,\n"
                "Voici ce que nous avons vu dans votre rue.\n"
                "Bacs bien triés, cette fois : {{ norme.part }}.\n"
                "La fois d'avant : {{ repere.part }}.\n"
                "Nous regardons la rue entière et ne notons aucun nom.\n"
                "Merci pour le soin que vous y mettez.\n"
                "Un geste simple pour la suite :\n"
                "{{ geste }}"
            ),
            variables=(SHARE, SHARE_REFERENCE, DAILY_TIP),
            norm_at_least=0.5,
        ),
    ),
    addressed=False,
    tidier=Tidier(
        name="Retour de rue et remerciement",
        why="Voir le résultat de ses gestes aide à les garder.",
        materials="Carte ou lettre de remerciement avec la part de bacs bien triés de la rue",
        procedures="Contrôle visuel des bacs, calcul par rue, remise dans la semaine du contrôle",
        provider="Agents de collecte et ambassadeurs du tri",
        how="Remise à tous les logements de la rue, sans nom",
        where="Rues tirées au sort de la campagne",
        when="Une carte après chaque vague de contrôle",
        tailoring="Le chiffre est celui de la rue ; le texte est le même partout.",
    ),
    plausible_effects=(
        PlausibleEffect(
            family="quantite",
            low=8.0,
            high=23.0,
            unit="%",
            source=f"haut : {studies.SCHULTZ_AMOUNT.study} ; bas : {ANCHOR_SOURCE}",
        ),
    ),
)
