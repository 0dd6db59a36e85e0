"""Values that messages of several levers display."""

from nudge.levers.lever import Variable

SENDER = Variable(
    name="expediteur",
    description="Qui envoie le message ; ajouté au bas de tout message.",
    example="Communauté de communes Cœur Côte Fleurie",
)
OPT_OUT = Variable(
    name="desinscription",
    description=(
        "Comment ne plus recevoir de message ; suit « Pour ne plus recevoir ces messages : »."
    ),
    example="répondez STOP à cette adresse, ou dites-le à l'accueil.",
)
ALWAYS = (SENDER, OPT_OUT)

SHARE = Variable(
    name="norme.part",
    description="Part calculée sur les bacs contrôlés du périmètre.",
    norm_figure=True,
)
SHARE_REFERENCE = Variable(
    name="repere.part",
    description="Part de référence, calculée de la même façon : autres rues, ou passage précédent.",
    norm_figure=True,
)
REFERENCE_SCOPE = Variable(
    name="repere.perimetre",
    description="Ce que couvre la part de référence, tel que donné à son calcul.",
    norm_figure=True,
)
SORTING_TIP = Variable(
    name="consigne",
    description="Une seule consigne, tirée du guide de tri en vigueur.",
    example="Déposez vos emballages en vrac, sans sac fermé.",
)
DAILY_TIP = Variable(
    name="geste",
    description="Un seul geste simple, en une phrase courte.",
    example="Videz bien la bouteille avant de la mettre au tri.",
)
