"""Words that are no names of persons: what the caller knows, and usual proper nouns."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from nlu.entities.folding import fold_words
from nlu.entities.resources import ordinary_words

# Proper nouns that messages to a local service hold. Authored for the project.
USUAL_PROPER_NOUNS_TEXT = """
abritel ademe agence agenda airbnb aldi allemagne allemand alsace amazon americain android anglais
anglaise angleterre aout apple apport armistice ascension assomption atlantique auchan avril bac
banque barriere bazar belge belges belgique bonjour booking bouygues brest bretagne breton
bretonne bretons bricomarche bruxelles cada caf calvados carrefour casino castorama ccas chatgpt
citeo citroen clio cnil coca coeur collectif commission communaute commune communes conciergerie
conseil cordialement cote covid croix darty decathlon decembre dechet decheterie dechetterie defi
dieu dimanche docteur duralex dyson eaux eco edf emballages emmaus enedis engie espagne est etat
eternit europe eveque facebook festival fevrier figaro film fleurie fnac francais francaise france
free frigidaire gaulle gendarmerie gifi google guide ikea insee instagram interco intercommunalite
intermarche internet iphone italie janvier japon jardiland javel jeudi juillet juin kangoo karcher
kleenex leboncoin leclerc lego liberte lidl loch londres lundi madame mademoiselle mai mairie
maitre manche mardi maroc mars merci mercredi merlin mesdames messenger messieurs mlle mme monde
monoprix monsieur nespresso ness noel non nord normand normande normandie normands normandy
novembre octobre oise orange ouest oui pampers paques paris parisien parisienne parisiennes
parisiens pays pentecote pere peugeot philips placo plan playmobil plu plui pme police pompiers
portugal poste poubelle prefecture pub public pyrex quebec relais renault republique rgpd roi
rouge russie salutations samedi samsung sarl sci secours seine senseo septembre sfr siret smart
sncf societe soleil sopalin sophie spanc stop sud suez suisse sylvestre syndic tefal teom touques
toussaint travail tresor tri tribunal triman truffaut tupperware urssaf val velux vendredi veolia
villa vinted volontaire whatsapp wifi windows youtube zero
"""
USUAL_PROPER_NOUNS = frozenset(USUAL_PROPER_NOUNS_TEXT.split())
# Communes of the territory and towns around, and what their inhabitants are called.
PLACE_WORDS_TEXT = """
arnoult azif benerville benervillais blonville blonvillais cabourg caen caennais cherbourg
cricqueboeuf criqueboeuf deauville deauvillais deauvillaise deauvillaises dives dozule etretat
evreux falaise fecamp franceville gatien havre honfleur honfleurais houlgate lisieux marseille
merville mondeville ouistreham pennedepie rouen strasbourg toulouse touquais touques tourgeville
tourgevillais trouville trouvillais trouvillaise trouvillaises vauville villers villersois
villerville villervillais yvetot lille nantes rennes bordeaux lyon deauvile trouvile dauville
touque tourgevile
"""
PLACE_WORDS = frozenset(PLACE_WORDS_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words known to be no names.

    Attributes
    ----------
    proper : frozenset of str
        Folded words of places and other proper nouns.
    ordinary : frozenset of str
        Folded words of the language.
    """

    proper: frozenset[str]
    ordinary: frozenset[str]


def build_vocabulary(places: Iterable[str], *, ordinary: frozenset[str]) -> Vocabulary:
    """Words of the places that the caller knows, with usual proper nouns and ordinary words."""
    words = {word for place in places for word in fold_words(place).split()}
    return Vocabulary(proper=frozenset(words) | USUAL_PROPER_NOUNS, ordinary=ordinary)


@cache
def usual_vocabulary() -> Vocabulary:
    """Usual proper nouns, places around and the most frequent words of the language."""
    return Vocabulary(proper=USUAL_PROPER_NOUNS | PLACE_WORDS, ordinary=ordinary_words(20_000))
