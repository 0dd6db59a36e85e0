"""Published evidence on nudges, one constant for each study and outcome family.

A result is quoted only where its own page or abstract was read. A study that saw no effect is
kept beside those that saw one, and says so.
"""

from nudge.levers.lever import Evidence

SCHULTZ_AMOUNT = Evidence(
    study="Schultz 1999, La Verne (Californie)",
    design=(
        "605 maisons réparties au hasard en 5 groupes ; cartes hebdomadaires accrochées à la porte"
    ),
    result=(
        "Les retours individuels et de groupe augmentent la quantité triée ; "
        "le retour individuel l'augmente de 23 %."
    ),
    outcome_family="quantite",
    source=(
        "https://cbsm.com/articles/32281-changing-behavior-with-normative-feedback-interventions-"
        "a-field-experiment-on-curbside-recycling ; résumés wiseinterventions.org et bhub.org"
    ),
    status="verified",
    controlled=True,
    effect=23.0,
    unit="%",
)
SCHULTZ_PARTICIPATION = Evidence(
    study="Schultz 1999, La Verne (Californie)",
    design=SCHULTZ_AMOUNT.design,
    result="Les retours individuels et de groupe augmentent la fréquence de participation.",
    outcome_family="participation",
    source=SCHULTZ_AMOUNT.source,
    status="verified",
    controlled=True,
)
SCHULTZ_QUALITY = Evidence(
    study="Schultz 1999, La Verne (Californie)",
    design=SCHULTZ_AMOUNT.design,
    result=(
        "Participation et quantité montent, mais aucune des quatre interventions n'a modifié la "
        "contamination observée. Le résumé ne dit pas quelle taille d'effet est exclue."
    ),
    outcome_family="qualite",
    source=SCHULTZ_AMOUNT.source,
    status="verified",
    controlled=True,
)
NOMURA = Evidence(
    study="Nomura, John et Cotterill 2011, Oldham (Angleterre)",
    design=(
        "Essai randomisé en grappes, 318 rues ; deux cartes postales comparant la rue à la "
        "moyenne du quartier"
    ),
    result=(
        "La participation à la collecte des déchets alimentaires monte ; le résumé imprime une "
        "taille d'effet de « 2,8 % » par rapport aux rues sans carte, lue ici en points."
    ),
    outcome_family="participation",
    source=(
        "https://kyushu-u.elsevierpure.com/en/publications/"
        "the-use-of-feedback-to-enhance-environmental-outcomes-a-randomise"
    ),
    status="verified",
    controlled=True,
    effect=2.8,
    unit="points",
)
COTTERILL = Evidence(
    study="Cotterill et al. 2009, Trafford (Angleterre)",
    design=(
        "Essai randomisé en grappes, 194 rues (97 et 97), 6 580 foyers ; visite en porte-à-porte, "
        "mesure avant, après et à trois mois"
    ),
    result=(
        "La participation monte, davantage dans les rues qui participaient peu, puis l'effet "
        "décline à trois mois. Le résumé ne donne pas de taille."
    ),
    outcome_family="participation",
    source="https://doi.org/10.1016/j.jenvman.2009.09.010",
    status="verified",
    controlled=True,
)
SHEARER = Evidence(
    study="Shearer et al. 2017, Surrey (Angleterre)",
    design=(
        "Autocollant de rappel sur le bac d'ordures ; 33 716 foyers de 29 secteurs contre 30 568 "
        "foyers de 26 secteurs ; pesées sur 16 semaines"
    ),
    result=(
        "Déchets alimentaires triés : +20,7 %, effet durable ; le groupe témoin n'a pas changé. "
        "Coût de 0,35 livre par foyer."
    ),
    outcome_family="quantite",
    source="https://epubs.surrey.ac.uk/812309/",
    status="verified",
    controlled=True,
    effect=20.7,
    unit="%",
)
LINDER = Evidence(
    study="Linder et al. 2018, Stockholm",
    design="Expérience naturelle en double différence ; dépliant ; pesées sur près de deux ans",
    result=(
        "Davantage de déchets alimentaires triés ; l'effet s'atténue, et se voit encore après "
        "huit mois. L'extrait lu ne donne pas de taille."
    ),
    outcome_family="quantite",
    source="https://doi.org/10.3389/fpsyg.2018.00352",
    status="verified",
    controlled=True,
)
EK_SODERBERG = Evidence(
    study="Ek et Söderberg 2024, Partille et Varberg (Suède)",
    design=(
        "Deux essais randomisés, près de 20 000 foyers ; lettres comparant les ordures "
        "résiduelles du foyer à celles des voisins ; tarification à la quantité déjà en place"
    ),
    result=(
        "Ordures résiduelles : −7 à −12 %, surtout par davantage d'emballages triés ; effet "
        "presque intact un an après."
    ),
    outcome_family="quantite",
    source="Journal of Public Economics 238 ; https://www.socialscienceregistry.org/trials/3301",
    status="verified",
    controlled=True,
    effect=-7.0,
    unit="%",
)
HEWITT = Evidence(
    study="Hewitt et al. 2023, New York",
    design="Deux immeubles (n = 372 et 602), affiches pendant 12 semaines",
    result=(
        "Hausse modeste du tri ; l'affiche qui compare fait mieux que celle qui ne compare pas. "
        "Avec deux immeubles seulement, la prudence s'impose."
    ),
    outcome_family="quantite",
    source="https://doi.org/10.1016/j.rcradv.2023.200156",
    status="verified",
    controlled=None,
)
DE_YOUNG = Evidence(
    study="De Young 1995, habitat collectif",
    design="Quatre techniques comparées en habitat collectif",
    result=(
        "Retour et engagement utiles surtout contre la contamination, dans les résidences de "
        "taille moyenne. La source lue ne donne pas de taille."
    ),
    outcome_family="qualite",
    source="Notice bibliographique acnpsearch",
    status="verified",
    controlled=None,
)
CHONG = Evidence(
    study="Chong, Karlan, Shapiro et Zinman 2015, Pérou",
    design="Expérience de terrain : neuf variantes de message, et don d'un bac",
    result=(
        "Aucun des neuf messages n'a eu d'effet significatif ; donner un bac en a eu un. "
        "L'extrait lu ne dit pas quelle taille est exclue."
    ),
    outcome_family="participation",
    source="Banque mondiale, Policy Research Working Paper 6548",
    status="verified",
    controlled=True,
)
CZAJKOWSKI = Evidence(
    study="Czajkowski, Zagórska et Hanley 2019, Pologne",
    design="Préférences déclarées par questionnaire ; ce n'est pas un essai de terrain",
    result=(
        "Réponse non monotone à la norme : les bons trieurs réagissent négativement "
        "(effet boomerang)."
    ),
    outcome_family="sensibilisation",
    source="Notice econpapers.repec.org",
    status="verified",
    controlled=False,
)
GEISLAR = Evidence(
    study="Geislar 2017 et 2018, Costa Mesa (Californie)",
    design="364 foyers ; bacs, puis message de norme",
    result=(
        "Le message de norme augmente le compostage et sa durée. L'extrait lu ne donne pas de "
        "taille."
    ),
    outcome_family="participation",
    source="Résumé de congrès APPAM (appam.org)",
    status="verified",
    controlled=None,
)
ORANGE_COUNTY = Evidence(
    study="Comté d'Orange 2018 (Floride)",
    design="643 adresses, étiquettes sur les bacs pendant 8 semaines, sans groupe témoin",
    result=(
        "Bacs verts : 31,4 % la première semaine, 53,7 % la huitième. Avant-après sans témoin : "
        "rien ne dit que les étiquettes en soient la cause."
    ),
    outcome_family="qualite",
    source="https://newsroom.ocfl.net, octobre 2018",
    status="verified",
    controlled=False,
    effect=22.3,
    unit="points",
)
RENNES = Evidence(
    study="Rennes Métropole 2018",
    design="Retour aux foyers sur leurs ordures résiduelles, suivi par des chercheurs",
    result=(
        "La presse rapporte une baisse plus forte et durable ; les chiffres ne sont pas publics."
    ),
    outcome_family="quantite",
    source="dechets-infos.com",
    status="declared",
    controlled=None,
)
SWANA = Evidence(
    study="SWANA 2021-2022 (Amérique du Nord)",
    design="Revue d'une association professionnelle",
    result=(
        "Plus de la moitié de la contamination vient d'une minorité de foyers, que la seule "
        "pédagogie ne fait pas changer."
    ),
    outcome_family="qualite",
    source="resource-recycling.com",
    status="declared",
    controlled=None,
)
VAROTTO = Evidence(
    study="Varotto et Spagnolli 2017",
    design="Méta-analyse de 36 études et 70 interventions sur le tri",
    result=(
        "L'exemple donné par les autres et l'aménagement des lieux sont les leviers les plus forts."
    ),
    outcome_family="autre",
    source="Notice daneshyari.com",
    status="verified",
    controlled=None,
)
GRENOBLE_ASHTRAY = Evidence(
    study="Université Grenoble Alpes 2019, cendrier de vote à un arrêt de tramway",
    design="Étude de terrain autour d'un cendrier qui pose une question",
    result=(
        "Contre-productif quand il est ressenti comme une manipulation : la personne peut faire "
        "le contraire de ce qui est proposé."
    ),
    outcome_family="incivilites",
    source=(
        "https://theconversation.com/"
        "megots-jetes-au-sol-quand-leffet-des-nudges-part-en-fumee-125996"
    ),
    status="verified",
    controlled=None,
)
ALLCOTT = Evidence(
    study="Allcott 2011, rapports de consommation d'électricité (États-Unis)",
    design="Essais randomisés, 600 000 foyers ; lettre comparant à des voisins semblables",
    result=(
        "Consommation : −2,0 % en moyenne ; −6,3 % pour le dixième qui consommait le plus, "
        "−0,3 % pour celui qui consommait le moins. Électricité, et non eau."
    ),
    outcome_family="autre",
    source="https://doi.org/10.1016/j.jpubeco.2011.03.003",
    status="verified",
    controlled=True,
    effect=-2.0,
    unit="%",
)
ALLCOTT_ROGERS = Evidence(
    study="Allcott et Rogers 2014, rapports d'électricité",
    design="Arrêt des rapports après deux ans dans une partie des foyers",
    result=(
        "L'effet décroît de 10 à 20 % par an après l'arrêt ; au début, les foyers agissent puis "
        "relâchent entre deux rapports."
    ),
    outcome_family="autre",
    source="Notice hks.harvard.edu",
    status="verified",
    controlled=True,
)
