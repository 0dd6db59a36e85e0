"""Commitment: a household that wishes chooses one gesture and keeps a card of it."""

from nudge.levers import studies
from nudge.levers.lever import Lever, MessageTemplate, Risk, Tidier, Variable
from nudge.levers.variables import DAILY_TIP

DURATION = Variable(
    name="duree", description="Durée de l'essai, en toutes lettres.", example="un mois"
)

LEVER = Lever(
    identifier="engagement",
    title="Engagement",
    what_it_does="Propose à un foyer volontaire de choisir un geste et de l'essayer un temps.",
    mechanism=(
        "Cohérence et intention précise : on tient mieux un geste que l'on a choisi soi-même, "
        "pour un temps connu."
    ),
    channels=("porte_a_porte", "email", "sms", "courrier"),
    families=("qualite", "participation", "sensibilisation"),
    evidence=(studies.DE_YOUNG, studies.COTTERILL),
    risks=(
        Risk(
            name="Sélection des volontaires",
            description="Ceux qui s'engagent triaient déjà mieux que les autres.",
            safeguard=(
                "L'analyse compare toutes les rues tirées au sort, volontaires ou non "
                "(intention de traiter)."
            ),
        ),
        Risk(
            name="Pression à la porte",
            description="Il est difficile de dire non à une personne devant soi.",
            safeguard="La carte se laisse sans signature ; un refus est noté et respecté.",
        ),
        Risk(
            name="Sollicitation répétée",
            description="Un rappel personnel peut lasser.",
            safeguard="Accord préalable, un seul rappel, arrêt sur simple demande.",
        ),
    ),
    messages=(
        MessageTemplate(
            identifier="carte_engagement",
            channel="porte_a_porte",
            subject="Un geste, à votre choix",
            body=(
                "Bonjour,\n"
                "Aimeriez-vous essayer un geste de tri pendant {{ duree }} ?\n"
                "C'est libre. Vous pouvez arrêter quand vous voulez.\n"
                "Voici celui que nous vous proposons :\n"
                "{{ geste }}\n"
                "Si cela vous va, gardez cette carte près de votre bac."
            ),
            variables=(DURATION, DAILY_TIP),
        ),
        MessageTemplate(
            identifier="rappel_engagement",
            channel="email",
            subject="Votre geste de tri",
            body=(
                "Bonjour,\n"
                "Vous avez choisi d'essayer un geste pendant {{ duree }} :\n"
                "{{ geste }}\n"
                "Comment cela se passe-t-il ?\n"
                "Si vous avez oublié, ce n'est pas grave.\n"
                "Il suffit de reprendre dès ce soir."
            ),
            variables=(DURATION, DAILY_TIP),
        ),
    ),
    addressed=True,
    tidier=Tidier(
        name="Engagement sur un geste",
        why="Un geste choisi pour un temps connu se tient mieux.",
        materials="Carte à garder, rappel par le moyen que le foyer a choisi",
        procedures="Visite, proposition d'un geste, accord noté, un rappel à mi-parcours",
        provider="Ambassadeurs du tri",
        how="En face à face, puis rappel personnel avec accord",
        where="Rues tirées au sort de la campagne",
        when="Une visite et un rappel",
        tailoring="Le geste est choisi par le foyer.",
    ),
)
