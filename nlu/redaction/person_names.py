"""Names of persons, where a cue or a first name gives them away."""

import re
from collections.abc import Iterator

from nlu.entities.folding import FoldedText
from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.personal_data import PersonalSpan

WORD = re.compile(r"[^\W\d_]+\.?")
GAP = re.compile(r"(?: |-|'| - |(?<=\.) ?)")
LONGEST_NAME = 5
PARTICLES = frozenset(("le", "la", "de", "du", "des", "da", "di", "dos", "el", "ben", "van", "von", "d", "l"))
CIVILITY = (
    r"(?:m\.|mr\.?|mrs|mme\.?|mlle|melle|monsieur|madame|mademoiselle|docteur|dr\.?|maitre|me\.)"
)
RELATION = (
    r"(?:voisine?s?|mari|femme|epouse|epoux|fils|fille|frere|soeur|mere|pere|maman|papa|compagnon|"
    r"compagne|conjointe?|amie?|cousine?|oncle|tante|neveu|niece|proprietaire|locataire|gardien|"
    r"gardienne|collegue|patron|patronne|facteur|factrice|gerante?|agent|conseillere?|technicien|"
    r"syndic|notaire|medecin|infirmiere?|tuteur|tutrice)"
)
# After these a name follows, whatever its case.
SURE = re.compile(
    rf"(?<!\w)(?:{CIVILITY}(?: et {CIVILITY})?|je m'? ?app?el+e?s?|j'?mappel+e?|jmapell?e?|jm'appelle|"
    r"mappelle|m'appelle|s'appelle|mon (?:nom|prenom)(?: de famille)?(?: est| c'est|,? c'est| :)|"
    r"\b(?:nom|prenom|nom de famille|nom et prenom|identite|titulaire)(?: ?:|,)|au nom de|"
    r"soussignee?|\bsigne ?:?|de la part de|titulaire(?: du compte)?(?: :)?|"
    r"nom c'est|prenom c'est|consorts?)"
    r"[ :,\n]{1,3}"
)
# After these, capitals or a common first name tell.
LIKELY = re.compile(
    rf"(?<!\w)(?:je suis|chuis|ici|c'est|cest|c|je me nomme|(?:mon|ma|mes|le|la|notre|votre) {RELATION}|"
    r"avec|chez|appelez|contactez|contact :?|demandez|eu|vu|signature :?|attention de|"
    r"bonjour|bonsoir|slt|salut|nomme|nommee|moi c'est)[ :,]{1,2}"
)
CLOSING = re.compile(
    r"(?<!\w)(?:cordialement|cdt|cdlt|crdlt|bien a vous|respectueusement|sincerement|amicalement|"
    r"salutations(?: distinguees)?|sentiments distingues|a bientot|merci(?: d'avance| beaucoup| bien)?|"
    r"bonne (?:journee|soiree|reception)|distinguees|distingues)[ ,.!\n\-:]{1,6}"
)
SURE_CLOSING = ("cord", "cdt", "cdlt", "crdlt", "bien a vous", "respec", "amic", "salut", "dist")
FAMILY = re.compile(r"(?<!\w)(?:familles?|consorts|foyer|chez|epoux) ")
LAST_NAME = re.compile(r"[.!?\n] ?(?P<first>[a-z]+)(?:[ -][a-z']+){1,3}$")
SPELLED = re.compile(
    r"(?:epel\w*|ecrit|s'epelle|lettres?)[ :,]{1,3}(?P<letters>[a-z](?:[ .,-]{1,2}[a-z]){2,25})\b"
    r"|(?<!\w)(?P<run>[a-z](?:[ -][a-z]){4,25})(?!\w)"
)
BEFORE_PLACE = re.compile(
    r"\b(?:rue|avenue|av|bd|boulevard|place|quai|allee|chemin|impasse|square|cours|route|salle|"
    r"ecole|college|lycee|stade|gymnase|hopital|parc|espace|centre|residence|eglise|livres? de|"
    r"pont|hotel|theatre|cinema|musee|roman de|prix)\b[^.,;!?\n]{0,14}$"
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
SAINTS = frozenset({"saint", "sainte", "st", "ste"})
AFTER_SAINT = re.compile(r"\b(?:saint|sainte|st|ste)[ -]$")


def find_person_names(folded: FoldedText) -> Iterator[PersonalSpan]:
    """Names of persons of a text; spans may overlap.

    In text with capitals a name runs through them. Without (dictation, SMS), it is the word after
    a sure cue, with the next one after a common first name.
    """
    cased = _is_cased(folded.original)
    for found in SURE.finditer(folded.folded):
        full = "app" in found.group() or "nom" in found.group() or "part" in found.group()
        yield from _name_at(folded, found.end(), cased, sure=True, full=full)
    for found in LIKELY.finditer(folded.folded):
        yield from _name_at(folded, found.end(), cased, sure=False)
    for found in FAMILY.finditer(folded.folded):
        words = _words_from(folded, found.end(), cased) if cased else []
        if words:
            yield _span(folded, words[0].start(), words[-1].end())
    yield from _signatures(folded, cased)
    yield from _full_names(folded, cased)
    for found in SPELLED.finditer(folded.folded):
        group = "letters" if found["letters"] else "run"
        yield _span(folded, found.start(group), found.end(group))


def _signatures(folded: FoldedText, cased: bool) -> Iterator[PersonalSpan]:
    """Names after a closing formula, and lines or ends of text that are only a name."""
    text = folded.folded.rstrip(" \n.!?;,")
    for found in CLOSING.finditer(folded.folded):
        certain = "\n" in found.group() or found.group().startswith(SURE_CLOSING)
        for span in _name_at(folded, found.end(), cased, sure=certain, full=True):
            rest = folded.original[span.end :]
            if not re.match(r"[^\n.]{0,3}[\w]", rest) or BESIDE.match(rest):
                yield span
    if not cased:
        yield from _lower_signature(folded, text)
    last = max(text.rfind("\n"), text.rfind(". "), text.rfind("! "), text.rfind("? "))
    if cased and last > 0:
        start = last + 1 + (text[last] != "\n")
        for span in _name_at(folded, start, cased, sure=False):
            if span.end >= folded.span(0, len(text))[1]:
                yield span


def _lower_signature(folded: FoldedText, text: str) -> Iterator[PersonalSpan]:
    """Last sentence that is only a common first name and a surname, without capitals."""
    found = LAST_NAME.search(text)
    if found is not None and found["first"] in FIRST_NAMES:
        yield _span(folded, found.start("first"), found.end())


def _full_names(folded: FoldedText, cased: bool) -> Iterator[PersonalSpan]:
    """First name and surname in capitals anywhere, and capitals beside other personal data."""
    if not cased:
        return
    place = 0
    while (found := WORD.search(folded.folded, place)) is not None:
        place = found.end()
        if not _capital(folded, found):
            continue
        words = _words_from(folded, found.start(), cased)
        if AFTER_SAINT.search(folded.folded[: found.start()][-8:]):
            continue
        if len(words) < 2 or BEFORE_PLACE.search(folded.folded[: found.start()][-40:]):
            continue
        start, end = words[0].start(), words[-1].end()
        bare = {word.group().rstrip(".") for word in words}
        beside = BESIDE.match(folded.folded, end) or folded.folded[:start].rstrip(
            " ,-:\n"
        ).endswith("█")
        upper = any(_upper(folded, word) for word in words)
        if words[0].group() in FIRST_NAMES or (upper and bare & FIRST_NAMES) or beside:
            yield _span(folded, start, end)
            place = end


def _name_at(
    folded: FoldedText, place: int, cased: bool, *, sure: bool, full: bool = False
) -> Iterator[PersonalSpan]:
    first = WORD.match(folded.folded, place)
    if first is None:
        return
    civility = re.match(rf"{CIVILITY} ", folded.folded[place : place + 14])
    if civility is not None:
        yield from _name_at(folded, place + civility.end(), cased, sure=True)
        return
    words = _words_from(folded, place, cased, sure=sure)
    if cased and words:
        known = words[0].group() in FIRST_NAMES - {"noel"}
        if sure or len(words) > 1 or known:
            yield _span(folded, words[0].start(), words[-1].end())
        return
    if BEFORE_PLACE.search(folded.folded[max(0, place - 40) : place]):
        return
    lower = _lower_words(folded, place, sure=sure, full=full)
    if lower:
        yield _span(folded, lower[0].start(), lower[-1].end())


def _words_from(
    folded: FoldedText, place: int, cased: bool, *, sure: bool = False
) -> list[re.Match[str]]:
    """Run of capitalised words, particles between them included."""
    words: list[re.Match[str]] = []
    kept = 0
    while len(words) < LONGEST_NAME and (found := WORD.match(folded.folded, place)) is not None:
        bare = found.group().rstrip(".")
        if found.group().endswith(".") and len(bare) > 1:
            found = re.compile(r"[^\W\d_]+").match(folded.folded, place) or found
        capital = _capital(folded, found)
        particle = bare in PARTICLES
        if not capital and not (particle and (words or (sure and cased))):
            break
        if not words and not sure and (particle or bare in SAINTS):
            break
        initial = found.group().endswith(".") and len(bare) == 1
        if capital and not particle and not initial and bare in NO_NAME:
            break
        words.append(found)
        if capital and not particle:
            kept = len(words)
        gap = GAP.match(folded.folded, found.end())
        if gap is None:
            break
        place = gap.end()
    return words[:kept]


def _lower_words(folded: FoldedText, place: int, *, sure: bool, full: bool) -> list[re.Match[str]]:
    """Name without capitals: a word after a sure cue, or a first name, then a surname."""
    words: list[re.Match[str]] = []
    while len(words) < LONGEST_NAME - 1 and (found := WORD.match(folded.folded, place)):
        bare = found.group().rstrip(".")
        surname = bare in PARTICLES and (words or (sure and _surname_after(folded, found)))
        if bare in NO_NAME and not surname:
            break
        known = bare in FIRST_NAMES
        if not words and not sure and (not known or bare in ALSO_WORDS):
            break
        particle = bare in PARTICLES
        words.append(found)
        gap = GAP.match(folded.folded, found.end())
        named = sum(word.group() not in PARTICLES for word in words)
        more = known or particle or (full and named < 2) or (gap and gap.group() in "-'")
        if gap is None or not more or (found.group().endswith(".") and len(bare) > 1):
            break
        place = gap.end()
    while words and words[-1].group() in PARTICLES:
        words.pop()
    return words


def _surname_after(folded: FoldedText, particle: re.Match[str]) -> bool:
    """Whether a particle begins a surname: « le goff », and not « le maire », « de la mairie »."""
    gap = GAP.match(folded.folded, particle.end())
    following = WORD.match(folded.folded, gap.end()) if gap is not None else None
    return following is not None and following.group() not in NO_NAME


def _capital(folded: FoldedText, word: re.Match[str]) -> bool:
    return folded.original[folded.span(word.start(), word.end())[0]].isupper()


def _upper(folded: FoldedText, word: re.Match[str]) -> bool:
    start, end = folded.span(word.start(), word.end())
    return end - start > 2 and folded.original[start:end].isupper()


def _is_cased(text: str) -> bool:
    """Whether capitals of a text mean something: some, and not nearly all."""
    letters = [character for character in text if character.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return 0 < capitals <= 0.7 * len(letters)


def _span(folded: FoldedText, start: int, end: int) -> PersonalSpan:
    first, last = folded.span(start, end)
    return PersonalSpan(kind="NOM", start=first, end=last)
