"""Words that are no names of persons where one is expected, and names that are also words."""

PARTICLES = frozenset(
    {"le", "la", "de", "du", "des", "da", "di", "dos", "el", "ben", "ait", "ould", "van", "von",
     "d", "l"}
)  # fmt: skip
# Inside a name only: « Van der Meer ».
INNER_PARTICLES = frozenset({"der", "den", "ter", "do", "del", "e"})
# Before an apostrophe only: « N'Diaye », « O'Connor ».
ELIDED = frozenset({"n", "o"})
# Words of the place and of the person spoken to, in any case.
NO_NAME_WORDS = """
a accueil adjoint adjointe adresse agence agent ai allo alors amicalement amities appartement
appel appelez appelle apres association au aussi autre aux avance avant avec avenue avez avoir bac
bacs bcp beaucoup besoin bidule bien bises bisous bon bonjour bonne bonsoir c ca car cdlt cdt ce
cela celle celui certain certaine ces cest cet cette chauffeur chef cher chere chez ci comme
comment commercant commune comptable conseiller conseillere contact contrat copropriete
cordialement courriel crdlt cure d dame dans date de deja demain demande demandeur demandez
departement depuis depute des desole desolee deux dimanche directeur directrice dis dit dites
docteur donc dossier du eboueur elle elles elu elus email en encore enfants ensuite entiere est et
etait ete etes euh eurl eux excusez facteur faire fait familles faut fax fixe g gardien gerant
habitant habitante hier ici il ils immeuble inconnu j jai je jeudi jour journee juge jusque l la
le les leur leurs locataire lui lundi m ma machin madame mademoiselle mail maintenant maire mairie
mais mardi me meme merci mercredi mes mesdames messieurs ministre mme mn mobile moi mon monsieur
motif mr n ne nee ni nom nombreuse nombreuses nombreux nommee non nos notre nous numero objet on
ont ou oui par parce pas perdu permanence personne peut plus policier portable poubelle poubelles
pour pourquoi pouvez pr prefet premier prenom prenoms president presidente propre proprietaire
proviseur qu quai quand que quel quelle qui quoi re recomposee reference referent regisseur
residence resident residente respectueusement rien ripeur rue s sa salutations samedi sans sarl
sas sasu sci se secretaire sentiments service services ses si sil sincerement sinon snc societe
soiree son sont sophie soussigne stp suis suite sur svp syndic syndicat ta tartempie te technicien
tel telephone touriste tous tout toute tres tri trois truc tu un une usager usagere vacances vais
vendredi veuf veuve vice voila voisin voisine vos votre voudrais vous vs vve y ya zero zut
"""
NO_NAME = frozenset(NO_NAME_WORDS.split())
# Further words that no capital marks as a name.
NO_LOWER_NAME_WORDS = """
abord absence abuse accord agente aidant aidante ajd alentours aller an apel apparait arrive
arrivee arrivera artisan artisane as assistante attend attendons attends attendu aucun aucune auj
aupres aura aurait autres avais avait avant avons badge balancer banq banque belle bioseau bizarre
bjr blague boite boutique bref bricoleur bsr cabinet caissier caissiere camion camping carte cause
caviste certains chacun chaque cherche chiant chomeur chui ciel clair clairement coiffeuse combien
comcom commercante commercants complet complete compost composteur composteurs comprends compte
concernant concierge confidentiel content contente copro correct coucher coucou credit dames
davance debut dechet decheterie dechets dechetterie demander desormais devait devant devisse
devons devrait dirait directeur directrice disparu dla dle dlo dmn dois doit domicile dont droite
e effare effaree effectivement egalement eh electricien elles empile encombrant encombrants enfin
entendu entre entree entreprise epouse equipe es essaie essaye est-ce estime etant eteint etre
etudiant etudiante eu eue evident exact exactement expres facteur familiale fatigue fatiguee
faudrait femme ferme fermee figure fille fils finalement fleuriste fois forcement franchement
furieuse furieux fut gardienne gauche gens gentil gentille gestion graphiste gratuit gratuite
gravats grave gros groupe habitait habite habites habitons hein help heure heures heureusement
iban immat immonde impossible inadmissible inconnue incroyable infect infernal infernale
infirmiere informaticien informaticienne inhabite inhabitee injoignable inoccupe inoccupee insiste
instit instituteur institutrice interco interieur intermittent inutile jai jamais jardinier jaune
jle joignable jsui jsuis jte juger jusqu justement jve jveu jvoudrai jvoulai kan kand ke kel kelk
kelkun kelle kels ki kine kk koi kom kon laisse laisser las lasse libraire libre lieu livreur
logement loin lol longtemps lorsqu lot loueur machine macon mail mairie maison mal malade mauvais
mci mdr menage menuisier mieux mn mnt mobile moins mois mort morte moyen mrc mtn neuf neuve ni
noir normal normale nouveau nouveaux nouvelle ns nul nulle num numero o obligatoire oblige obligee
ojd ok organisation osteopathe ouvert ouverte paf papie papier parait pareil parent parfait parle
partante partent parti partie partir payant paysagiste pcq pendant pense perplexe perso personnel
personnelle personnelles personnels peu peux pharmacien pharmacienne piquet pk place plaque
plaques plastik plein pleine plombier plutot poids poissonnier pose possible postier pourrais
pourrait pourriez pq prend prendre present presente president presidente presque pret prete
prevenir prevu prie pro prochain prochaine propos ptdr puis puisqu puisque qqn qqun quartier
quatre quelqu quelque quelques quelqun question raccorde rappel rappeler rappelle rapport ravi
ravie recyclable recyclables regie relou reporte restauratrice reste retraite retraitee revien
reviens revisse rib riverain riveraine safe saisonnier saisonniere saisonniers satisfait secteur
secu semaine semble sera serait seul seule seulement signature signe signes sinn situe situee slt
soir soit soixante sort sorti sortie soucis souhaite souhaiterais souhaiterait souvent stp super
surtout sympa t tant taxee tel tellement tente terminer tjr tjrs tjs tkt toi tombe ton toujour
toujours toutes traiteur trop trouve unique urgence urgent utile va vend vert veterinaire veule
veut veux vide viens vient vieux ville virer vit vivait vivant voici voir voitur voiture
volontiers volume vont votr voudrait voulais voulait vrai vraimen vraiment vrmt vu z zone
"""
NO_LOWER_NAME = NO_NAME | frozenset(NO_LOWER_NAME_WORDS.split())
# First names that are also words: without a capital, they need a surer sign.
ALSO_WORDS_WORDS = """
claire noel rose reine violette victoire constance jade iris robin blanche marin loup marc lise
pierre olive paule eve ella ange aime
"""
ALSO_WORDS = frozenset(ALSO_WORDS_WORDS.split())
# Of these, those that can hardly be an adjective or a verb after « mon fils », « ma voisine ».
KIN_ALSO_WORDS = frozenset(
    {"claire", "noel", "rose", "violette", "jade", "iris", "robin", "marc", "pierre", "olive",
     "paule", "eve", "ella", "ange"}
)  # fmt: skip
ENDS_IN_ACUTE = frozenset(
    {"rene", "andre", "jose", "aime", "chloe", "zoe", "noe", "desire", "salome", "herve", "honore",
     "theodore", "come", "timothe", "daphne", "barnabe", "dieudonne", "esme", "renee", "aimee",
     "desiree", "timothee", "dorothee", "josee", "irenee", "fatouma"}
)  # fmt: skip
SAINTS = frozenset({"saint", "sainte", "st", "ste"})
