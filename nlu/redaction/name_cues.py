"""What gives a name away in French messages: introductions, relations, fields, salutations."""

import re

CIVILITY = (
    r"(?:mm\.|m\.|mr\.?|mrs|mme\.?|mlle|melle|monsieur|madame|mademoiselle|docteur|dr\.?|maitre"
    r"|me\.?(?= [a-z-]+ ?(?:,|\(|notaire|avocat))|me\.)"
)
CIVILITY_NEXT = re.compile(rf"{CIVILITY} ")
RELATION = (
    r"(?:(?:arriere-|grands?-|petits?-|petites?-|beaux?-|belles?-|demi-|ex-|co-|futur )?"
    r"(?:voisins?|voisines?|maris?|femmes?|epouses?|epoux|fils|filles?|freres?|soeurs?|meres?"
    r"|peres?|parents?|enfants?|maman|papa|mamie|papi|papy|mamy|compagnons?|compagnes?|copains?"
    r"|copines?|copin|conjointe?s?|ami|amie|amis|amies|cousine?s?|oncle|tante|tonton|tata|neveux?"
    r"|nieces?|gendre|bru|filleule?|parrain|marraine|proprietaires?|locataires?|colocs?"
    r"|colocataires?|proprios?|gardien|gardienne|concierge|collegues?|patron|patronne|chef|cheffe"
    r"|facteur|factrice|gerante?|agente?s?|conseillere?|technicien|technicienne|syndic|notaire"
    r"|medecin|infirmiere?|tuteur|tutrice|curateur|curatrice|aide|auxiliaire|employee?|secretaire"
    r"|president|presidente|directeur|directrice|maire|adjointe?|elue?|referente?|responsable"
    r"|interlocuteur|interlocutrice|stagiaire|jeune|jardinier|plombier|macon|avocate?|comptable"
    r"|nounou|homme|dame|monsieur|client|cliente|defunt|defunte|regrettee?|ex)(?!\w))"
)
TO_SPEAK = (
    r"(?:(?:rap+el+|ap+el+)(?:er?|ez|e)|contact(?:er|ez|e)|joindre|joignez|preven(?:ir|ez)|previen"
    r"|demand(?:er|ez|e)|averti(?:r|ssez)|inform(?:er|ez)|remerci(?:er|ez|e)|vu|eu|rencontre|croise"
    r"|(?:ecri(?:re|vez)|repon(?:dre|dez)|parl(?:er|ez|e)|adress(?:er|ez)|di(?:re|tes|s|t)?"
    r"|transm(?:ettre|ettez|is)|remet(?:tre|tez)|remis|envo(?:yer|yez|ye)|livr(?:er|ez)"
    r"|facture[rz]?|confie[rz]?|donne[rz]?)(?: plutot| directement| bien)? a"
    r"|(?:vu|voir|voyez|parle|echange|discute|convenu|rdv|rendez-vous|contact|convenu) avec"
    r"|(?:represente|suivi|recu|signe|envoye|traite|rempli|accueilli|redige|gere|occupe|remplace)"
    r"e?s? par)"
)
GREETING = r"(?:bonjour|bonsoir|bjr|bsr|slt|salut|coucou|cc|hello|allo)"
# After these a name follows, whatever its case.
SURE = re.compile(
    rf"(?<!\w)(?:{CIVILITY}(?: (?:et|&|ou) {CIVILITY})?(?: (?:veuve|vve|veuf))?"
    r"|je (?:m'? ?)?app?el+e?s?|je me (?:presente|nomme|prenomme)|j'?m ?'?app?el+e?s?|jm'appelle"
    r"|jmapell?e?|mappel+e|m'app?el+e|(?<!comment )(?<!ca )s'?app?el+e(?:nt)?|se (?:nomme|prenomme)"
    r"|mon (?:nouveau |ancien )?(?:nom|prenom)"
    r"(?: de famille| d'epouse| de jeune fille| d'usage)?(?: est| c'est|,? c'est| ?:)"
    r"|mon nom(?! sur)|nom de famille|(?:identite|titulaire)(?: ?:|,)"
    r"|au nom de(?: euh)?|mes coordonnees(?: c'est| sont)?(?: ?:)?"
    r"|pour le compte de|soussignee?s?(?: ?,)?|\bsigne ?:|de la part de"
    r"|(?:denomm|surnomm|prenomm)ee?s?|une? certaine?"
    r"(?! (?:temps|nombre|age|point|moment|cas|type|delai|seuil|quantite|somme|heure|taille))"
    r"|(?:le|mon|son) nom [a-z' ]{0,30}c'est|nom c'est|prenom c'est|consorts"
    rf"|{GREETING},? (?:moi )?(?:c|c'est)(?: encore?| tjs| moi)?)"
    r"[ :,\n]{1,3}"
)
# After these, capitals tell, or a first name, or a word that nobody knows.
LIKELY = re.compile(
    r"(?<!\w)(?:(?:et )?(?:moi,? )?(?:je suis|chuis|jsuis|ici|c'est|cest|c ?')(?: encore| bien"
    r"| toujours| pour| pr| de nouveau)?"
    r"|moi c|c encore|c moi"
    rf"|(?:mon|ma|mes|le|la|les|l'|un|une|notre|nos|votre|vos|son|sa|ses|leurs?|cette|ce|vot)"
    r" ?(?:(?:nouvel|nouveau|nouvelle|ancien|ancienne|petit|petite|vieux|vieille|chere?) )?"
    rf"{RELATION}(?: (?:de la|du|a la|au|des?) [a-z]+)?(?: ?,| est| c'est)?"
    r"|chez(?: les)?|avec|grace a|selon|d'apres|merci a|pour|nee?"
    rf"|{TO_SPEAK}|contact ?:?|sign(?:e|ature) ?:?|attention de|nomm?ee?s?|nom|prenom"
    r"|compte de|titulaire"
    rf"|chere?s?|{GREETING}"
    r"|(?:le|mon|au|son|leur|votre) nom (?:(?!rue|voie|place|ville|site|bac)[a-z' ]){0,40}"
    r"(?:est|etait)"
    r"|(?:a|de) signer ?:|la personne que j'ai eue(?: c'est)?|p\.-?s\.? ?:|familles?|foyer|epoux"
    r"|menage|fille de|fils de|veuve de|mere de|pere de|soeur de|frere de"
    r"|femme de|mari de|veuve|vve|voisin de|voisine de|amie? de|enfants? de)[ :,]{1,3}"
)
# After these likely cues, without capitals, a word that nobody knows is a name too.
UNKNOWN_LOWER = re.compile(
    rf"(?:{RELATION}|\bc|moi|ici|encore|c'est|cest|suis|par|nom|prenom"
    r"|(?:par|d[ei])[a-z]+ a)[ ,:]*$"
)
# « Demandeur : », « Nom/prénom : », « Cc : »: the field of a form or of a mail.
LABEL = re.compile(
    r"(?:(?<![\w'])(?P<own>(?:(?:pre)?noms?(?: ?(?:/|et|,|&) ?(?:pre)?noms?)?"
    r"(?: (?:de famille|de naissance|d'usage|d'epouse|de jeune fille|marital|complet"
    r"|(?:du |de la |de l')[a-z]+))?)|identite|titulaires?(?: (?:du|de la|de l'|d'un) ?[a-z]+)?"
    r"|soussignee?|signataire)"
    r"|(?<![\w'])(?P<role>demandeu(?:r|se)|demanderesse|declarante?|proprietaires?|locataires?"
    r"|occupante?s?|beneficiaires?|contact(?: [a-z]+){0,2}|personnes? (?:a|de) [a-z]+"
    r"|represent(?:ee? par|ante?(?: legale?)?)|interlocut(?:eur|rice)|referente?|responsable"
    r"|gerante?|signature(?: [a-z' ]{1,24})?|expedit(?:eur|rice)|destinataires?|usagere?|abonnee?"
    r"|cliente?|emetteur|auteur|redact(?:eur|rice)|conjointe?|tuteur|tutrice|redevable|payeur"
    r"|heritiere?|mandataire|resident|requerante?|plaignante?|patiente?|emprunteur|acquereur"
    r"|vendeur|vendeuse|acheteur|acheteuse|[a-z]+ assuree?|dossier suivi par|suivi par)"
    r"|(?:^|\n) ?(?P<head>de|from|a|to|cc|cci|copie(?: a)?|attention))"
    r" ?(?:[:=]|n°|-(?= )) ?"
)
# A form typed on one line: « NOM DUPONT PRENOM MARIE COMMUNE TOUQUES ».
INLINE_FIELD = re.compile(
    r"(?<!\w)nom (?=[a-z' -]{2,40} prenom )|(?<!\w)prenom (?!et |du |de |sur |est |ou |nom )"
)
FULL_NAME_CUE = re.compile(
    r"ap+el|nom|part|coord|soussign|titulaire|signe|identite|present|compte|certain|noter"
)
CLOSING = re.compile(
    r"(?<!\w)(?:(?:bien |tres )?cordialement(?: votre)?|cordiale?s? salutations?|cdt|cdlt|crdlt"
    r"|cordlt|bien a (?:vous|toi)|respectueusement|sincerement|amicalement|amities|bises?|bisous"
    r"|salutations(?: distinguees)?|(?:mes |nos )?(?:sinceres|meilleures|respectueuses) salutations"
    r"|sentiments (?:distingues|les meilleurs|devoues)|a bientot|merci(?: bcp| beaucoup| bien"
    r"| par avance| d'? ?avance)?|(?:bonne|belle|excellente) (?:journee|soiree|reception|fin de"
    r" journee|continuation)|distinguees|distingues|votre devouee?"
    r"|dans l'attente(?: de (?:votre retour|votre reponse|vous lire))?|en vous remerciant"
    r"(?: par avance| d'avance)?|\n-- ?)[ ,.!\n\-:]{1,6}"
    r"(?:(?:pour|p/o|p\.o\.) (?:la |le |l'|les )?[a-z]+(?: des? [a-z]+)?, )?"
    r"(?:(?:le|la|l'|votre) ?(?:president|presidente|secretaire|directeur|directrice|gerante?"
    r"|tresorier|tresoriere|maire|syndic|gardien|gardienne|proprietaire|locataire|responsable)"
    r"[ ,:]{1,2})?"
)
SURE_CLOSING = (
    "cord", "bien cord", "tres cord", "cdt", "cdlt", "crdlt", "bien a", "respec", "amic", "amit",
    "salut", "dist", "sinc", "bis", "mes ", "meil", "dans l'att", "votre dev", "sentim", "\n--",
)  # fmt: skip
# The office before the name that signs: « La présidente, Jeanne Dupont ».
OFFICE_SIGNS = re.compile(
    r"(?:^|\n|[.!?] )(?:pour (?:la |le |l'|les )?[a-z' ]{3,40}"
    r"|(?:le|la|l') ?(?:president|presidente|secretaire|directeur|directrice|gerante?|tresorier"
    r"|tresoriere|maire|syndic|gardien|gardienne|proprietaire|responsable)[a-z' ]{0,40}),[ \n]"
)
# « Jeanne Dupont, née le… », « …, jean dupont, 06… »: without capitals, the neighbours tell.
BESIDE_LOWER = re.compile(
    r"(?<![\w'-])(?P<name>[a-z]+(?:[ '-][a-z]+){0,4}),?(?: nee?s? le|[ ,:;\n(<-]{1,3}█)"
)
# What comes right before a name without a first name that stands by personal data.
NAME_BEGINS = re.compile(r"(?:^|[,;:\n.!?(] ?|\b(?:merci|mrc|avance|par|voici|noter|cdt|c|avec) )$")
SPEAKING = re.compile(
    r"(?:^|(?<=[\s,.]))(?P<name>[a-z]+(?:['-][a-z]+)*(?: [a-z]+(?:['-][a-z]+)*)?),? "
    r"(?:a l'appareil|a lappareil|au bout du fil|ici(?=[ .,!]*(?:$|\n|\.)))"
)
UNKNOWN_CUE = re.compile(
    r"(?<!\w)(?:je suis|ici|bonjour|bjr|slt|salut|bonsoir|mon nom|c'est (?:pour|monsieur|madame)|"
    rf"cest pr|demandez|di a|dites a|(?:{CIVILITY}) [a-z]+|au nom de [a-z]+) "
)
# A model number, a brand: « RB38 », « Clio 4 ».
PRODUCT = re.compile(r"[\d]| \d")
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
BETWEEN = re.compile(r"[ ,:;\-–\n(<«\"]{1,3}")
BESIDE = re.compile(rf"{BETWEEN.pattern}█")
UPPER_PARTICLE = re.compile(r"\b(?:LE |LA |DE |DU |DA |EL |D'|d'|Le |La |Da |De |Du )$")
SENTENCE_START = re.compile(r"(?:^|[.!?:;\n«\"(]) *$")
AFTER_SAINT = re.compile(r"\b(?:saint|sainte|st|ste)[ -]$")
# Names that go together: « Jeanne et Paul », « Dupont, pas Durand ».
AND_NAME = re.compile(r"(?:,? (?:et|ou|puis|pas) (?:non |pas )?| ?[,/&+;] ?)(?=\w)")
