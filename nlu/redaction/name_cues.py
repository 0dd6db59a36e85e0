"""What gives a name away in French messages, and what looks like one and is none."""

import re

WORD = re.compile(r"[^\W\d_]+\.?")
GAP = re.compile(r"(?: |-|'| - |(?<=\.) ?)")
LONGEST_NAME = 5
PARTICLES = frozenset(
    {"le", "la", "de", "du", "des", "da", "di", "dos", "el", "ben", "van", "von", "d", "l"}
)
CIVILITY = (
    r"(?:m\.|mr\.?|mrs|mme\.?|mlle|melle|monsieur|madame|mademoiselle|docteur|dr\.?|maitre|me\.)"
)
CIVILITY_NEXT = re.compile(rf"{CIVILITY} ")
RELATION = (
    r"(?:voisine?s?|mari|femme|epouse|epoux|fils|fille|frere|soeur|mere|pere|maman|papa|compagnon|"
    r"compagne|conjointe?|amie?|cousine?|oncle|tante|neveu|niece|proprietaire|locataire|gardien|"
    r"gardienne|collegue|patron|patronne|facteur|factrice|gerante?|agent|conseillere?|technicien|"
    r"syndic|notaire|medecin|infirmiere?|tuteur|tutrice)"
)
# After these a name follows, whatever its case.
SURE = re.compile(
    rf"(?<!\w)(?:{CIVILITY}(?: et {CIVILITY})?|je m'? ?app?el+e?s?|je me presente|j'?mappel+e?"
    rf"|jmapell?e?|jm'appelle|"
    r"mappelle|m'appelle|s'appelle|mon (?:nouveau |ancien )?(?:nom|prenom)(?: de famille"
    r"| d'epouse| de jeune fille| d'usage)?(?: est| c'est|,? c'est| ?:)|"
    r"\b(?:nom|prenom|nom de famille|nom et prenom|identite|titulaire)(?: ?:|,)|au nom de|"
    r"soussignee?|\bsigne ?:|de la part de|titulaire(?: du compte)? ?:|"
    r"(?:le|mon|son) nom [a-z' ]{0,30}c'est|nom c'est|prenom c'est|consorts?)"
    r"[ :,\n]{1,3}"
)
# After these, capitals or a common first name tell.
LIKELY = re.compile(
    rf"(?<!\w)(?:je suis|chuis|ici|c'est|cest|c|je me nomme|(?:mon|ma|mes|le|la|notre"
    rf"|votre) {RELATION}|"
    r"avec|chez|appelez|contactez|contact :?|demandez|eu|vu|signature :?|attention de|"
    r"bonjour|bonsoir|slt|salut|nomme|nommee|moi c'est)[ :,]{1,2}"
)
CLOSING = re.compile(
    r"(?<!\w)(?:cordialement|cdt|cdlt|crdlt|bien a vous|respectueusement|sincerement|amicalement|"
    r"salutations(?: distinguees)?|sentiments distingues|a bientot|merci(?: d'avance| beaucoup"
    r"| bien)?|"
    r"bonne (?:journee|soiree|reception)|distinguees|distingues)[ ,.!\n\-:]{1,6}"
)
SURE_CLOSING = ("cord", "cdt", "cdlt", "crdlt", "bien a vous", "respec", "amic", "salut", "dist")
FULL_NAME_CUE = re.compile(r"ap+el|nom|part|soussign|titulaire|signe|identite")
# After these a single capitalised word is a name.
KIN = re.compile(
    r"(?<!\w)(?:mon|ma|notre|votre|son|sa) (?:mari|femme|epouse|epoux|fils|fille|frere|soeur"
    r"|mere|pere|ami|amie|"
    r"compagnon|compagne|conjoint|conjointe|cousin|cousine|oncle|tante|neveu|niece|voisin"
    r"|voisine|collegue) "
)
# « Jeanne Dupont, née le… », « …, jean dupont, 06… »: without capitals, the neighbours tell.
BESIDE_LOWER = re.compile(
    r"(?:^|[,;\n.!?] ?)(?P<name>(?P<first>[a-z]+)(?:[ '-][a-z]+){1,4})(?=,? nee?s? le"
    r"|[ ,:;\n-]{1,3}█)"
)
SPEAKING = re.compile(
    r"(?:^|(?<=[\s,.]))(?P<name>[a-z]+(?:['-][a-z]+)*(?: [a-z]+(?:['-][a-z]+)*)?),? "
    r"(?:a l'appareil|a lappareil|ici(?=[ .,!]*(?:$|\n|\.)))"
)
ENDS_IN_ACUTE = frozenset(
    {"rene", "andre", "jose", "aime", "chloe", "zoe", "noe", "desire", "salome", "herve", "honore",
     "theodore", "come", "timothe", "daphne", "barnabe", "dieudonne", "esme", "renee", "aimee",
     "desiree", "timothee", "dorothee", "josee", "irenee", "fatouma"}
)  # fmt: skip
UNKNOWN_CUE = re.compile(
    r"(?<!\w)(?:je suis|ici|bonjour|bjr|slt|salut|bonsoir|mon nom|c'est (?:pour|monsieur|madame)|"
    rf"cest pr|demandez|di a|dites a|(?:{CIVILITY}) [a-z]+|au nom de [a-z]+) "
)
# A model number, a brand: « RB38 », « Clio 4 ».
PRODUCT = re.compile(r"[\d]| \d")
FAMILY = re.compile(r"(?<!\w)(?:familles?|consorts|foyer|epoux) ")
LAST_NAME = re.compile(r"[.!?\n] ?(?P<first>[a-z]+)(?:[ -][a-z']+){1,3}$")
SPELLED = re.compile(
    r"(?:epel\w*|ecrit|s'epelle|lettres?)[ :,]{1,3}(?P<letters>[a-z](?:[ .,-]{1,2}[a-z]){2,25})\b"
    r"|(?<!\w)(?P<run>[a-z](?:[ -][a-z]){4,25})(?!\w)"
)
BEFORE_PLACE = re.compile(
    r"\b(?:rue|avenue|av|bd|boulevard|place|quai|allee|chemin|impasse|square|cours|route|salle|"
    r"ecole|college|lycee|stade|gymnase|hopital|parc|espace|centre|residence|eglise|livres? de|"
    r"pont|hotel|theatre|cinema|musee|roman de|prix)\b[^.,;:!?\n]{0,14}$"
)
BESIDE = re.compile(r"[ ,:;\-–\n(]{1,3}█")
# Words that are no name where one is expected.
NO_NAME_WORDS = """
a accueil adjoint adjointe adresse agent ai allo alors an apres au aussi autre aux avance avant
avec avez avoir bac bacs beaucoup besoin bidule bien bon bonjour bonne bonsoir c ca car cdt ce
cela celle celui ces cest cet cette chauffeur chef cher chere chez ci comme comment commercant
commune comptable conseiller conseillere cordialement cure d dame dans date de deja demain
demande demandez depuis depute des desole desolee deux dimanche directeur directrice dis dit
dites docteur donc du eboueur elle elles elu elus en encore ensuite entiere est et etait ete
etes euh eux excusez facteur faire fait faut g gardien gerant habitant habitante hier ici il ils
inconnu j jai je jeudi jour journee juge jusque l la le les leur leurs locataire lui lundi m ma
machin madame mademoiselle mail maintenant maire mairie mais mardi me meme merci mercredi mes
mesdames messieurs ministre mme mn moi mon monsieur mr ne ni nom nombreuse nombreuses nombreux
non nos notre nous numero on ont ou oui par parce pas perdu permanence personne peut plus
policier poubelle poubelles pour pourquoi pouvez pr prefet premier president presidente propre
proprietaire proviseur qu quand que quel quelle qui quoi re recomposee regisseur resident
residente rien ripeur s sa samedi sans se secretaire ses si sil sinon soiree son sont sophie
soussigne stp suis suite sur svp ta tartempie te technicien tel telephone touriste tous tout
toute tres tri trois truc tu un une usager usagere vacances vais vendredi vice voila voisin
voisine vos votre voudrais vous vs y ya zero zut
"""
NO_NAME = frozenset(NO_NAME_WORDS.split())
# First names that are also words: without a capital, they need a surer sign.
ALSO_WORDS_WORDS = """
claire noel rose reine violette victoire constance jade iris robin blanche marin loup marc lise
pierre olive paule eve ella ange aime
"""
ALSO_WORDS = frozenset(ALSO_WORDS_WORDS.split())
UPPER_PARTICLE = re.compile(r"\b(?:LE |LA |DE |DU |DA |EL |D'|d'|Le |La |Da |De |Du )$")
SENTENCE_START = re.compile(r"(?:^|[.!?:;\n«\"(]) *$")
SAINTS = frozenset({"saint", "sainte", "st", "ste"})
AFTER_SAINT = re.compile(r"\b(?:saint|sainte|st|ste)[ -]$")
