"""Street addresses: number, kind of way, name."""

import re
from collections.abc import Iterator

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText, fold
from nlu.entities.numbers_in_words import NUMBER_WORD

NUMBER = (
    rf"(?:(?:\d{{1,4}}|(?!une?\b)(?:{NUMBER_WORD})(?:[ -](?:et[ -])?(?:{NUMBER_WORD})){{0,4}})"
    r"(?: ?(?:bis|ter|quater|[a-d])\b)?)"
)
WAY = (
    r"(?:rue|r\.|avenue|aven|av\.?|ave|boulevard|boulevar|boul|bd\.?|bld|bvd|blvd|chemin|chemain|"
    r"chem|ch\.?|impasse|imp\.?|allees?|alles|all\.|place|pl\.|quai|route|rte|cours|square|"
    r"sentier|sente|ruelle|venelle|residence|resid|lotissement|lot\.|hameau|esplanade|"
    r"promenade|faubourg|cite|domaine|clos|lieu[- ]dit|rond[- ]point|montee|cote|"
    r"traverse|zone artisanale|za)"
)
# Ways that are also common words: a name of place must follow them.
ORDINARY_WAYS = frozenset(
    {"villa", "cours", "cote", "place", "route", "cite", "domaine", "promenade", "clos",
     "residence", "resid", "traverse", "montee", "alles", "za", "r.", "pl.", "lot.", "ch.", "av",
     "all.", "imp", "chem", "boul", "rue", "chemin", "quai"}
)  # fmt: skip
LINK = r"(?:de la|de l'|de l|de|des|du|d'|d|aux|a la)"
TITLE = (
    r"(?:general|gal|marechal|mal|president|docteur|dr|abbe|saint|sainte|st|ste|capitaine|colonel|"
    r"commandant|amiral|professeur|pr|victor|jean|paul|charles|albert|emile|jules|georges|louis|"
    r"pierre|henri|robert|marcel|anatole|aristide|gustave|leon|fernand|honore|claude|marie|rene|"
    r"eugene|guillaume|michel|auguste|alphonse|edmond|olivier|raymond|vieux|vieille|grand|grande|"
    r"petit|petite|haut|haute|bas|basse|croix|beau|belle|moulin|val|11|8|14|6|onze|huit|quatorze)"
)
NAME = r"[^\W\d_][\w]*(?:[-'][\w]+)*"
ADDRESS = re.compile(
    rf"(?<![\w'-])(?:(?P<number>{NUMBER}),? (?:de la |de l'|du )?)?(?P<way>{WAY})(?![\w'])"
    rf"(?P<link>(?: ?{LINK}(?<=') ?| {LINK}(?= ))?(?: (?:la|l)(?= ))?)"
    rf"(?P<name> ?(?:(?:{TITLE})[- ](?:de |du |d')?)*{NAME})"
)
# A name goes on through capitals, or through these links and one more word with a capital.
GOES_ON = re.compile(
    r"(?:[ -](?:de la|de l'|de|des|du|d'|la|le|les|et|sur|sous|en)[ ']?)? ?[-]?"
    r"(?P<more>[A-ZÀ-ÖØ-Þ][\w'’-]*)"
)
# A word that cannot be the name of a street.
NO_NAME_WORDS = """
a au aux avec barree bonjour c ca ce ces cest cette chaque chez comme comment commercante
communal coup dans de demain depui depuis derriere des devant disparu donc ds du elle en
encombrants entiere est et etait exceptionnel existe fermee hier il ils j je jour jusqu kan ke
kel ki la le les ma mais matelas matin me meme merci mes moi mon ne non notre nous on ont ou par
pas passe pietonne pleine pour pr privee publique qu quand que quel quelle qui randonneurs rien
rues sa sale sans secondaire ses si soir son sont stp sur svp ta tjr tjs tous tout toute tres
tri trop ts tt un une urgen urgent va vers voila voisine vos votre vous vs y
"""
NO_NAME = frozenset(NO_NAME_WORDS.split())
LONGEST_NAME = 60
STARTS_WITH_NUMBER = re.compile(rf"{NUMBER}\b")


def find_addresses(folded: FoldedText) -> Iterator[Entity]:
    """Street addresses of a message, as ``adresse``.

    In text with capitals a name runs through its capitals; without capitals (dictation, SMS) it
    is one word after its link and its title.
    """
    shouted = folded.original.isupper()
    for found in ADDRESS.finditer(folded.folded):
        name = found["name"].strip()
        if name in NO_NAME or name.split("'")[0] in NO_NAME:
            continue
        linked = bool(found["link"].strip())
        start, end = folded.span(found.start(), found.end())
        capital = folded.original[folded.span(found.start("name"), found.end())[0] :].lstrip()[:1]
        plain_way = found["way"] in ORDINARY_WAYS
        if plain_way and not (linked or found["number"] or capital.isupper() or name.isalpha()):
            continue
        if found["way"] in {"cours", "place", "cote", "route"} and not (
            found["number"] or (capital.isupper() and not shouted) or (linked and _place(found))
        ):
            continue
        if capital.isupper() and not shouted:
            end = _with_capitals(folded.original, end)
        yield Entity(
            name="adresse",
            start=start,
            end=end,
            text=folded.original[start:end],
            value=" ".join(folded.original[start:end].split()),
            score=1.0 if found["number"] else 0.9,
        )


def is_numbered(address: Entity) -> bool:
    """Whether an address says which building is meant."""
    return STARTS_WITH_NUMBER.match(fold(address.text).folded) is not None


def _place(found: re.Match[str]) -> bool:
    """« place du marché » is a place; « à la place du sac », « au cours de l'été » are not."""
    before = found.string[max(0, found.start() - 6) : found.start()]
    return found["way"] in {"place", "route"} and not before.endswith(("la ", "ma ", "sa ", "de "))


def _with_capitals(original: str, end: int) -> int:
    limit = end + LONGEST_NAME
    while (more := GOES_ON.match(original, end)) and more.end() <= limit:
        if not original[end : more.start("more")].strip(" -") and original[end : end + 1] not in (
            " ",
            "-",
        ):
            break
        end = more.end()
    return end
