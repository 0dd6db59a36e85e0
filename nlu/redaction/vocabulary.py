"""Words that are no names of persons: what the caller knows, and usual proper nouns."""

from collections.abc import Iterable
from dataclasses import dataclass

from nlu.entities.folding import fold_words

# Proper nouns that messages to a local service hold. Authored for the project.
USUAL_PROPER_NOUNS_TEXT = """
abritel ademe agence agenda airbnb aldi allemagne allemand alsace amazon android anglais
anglaise angleterre aout apple apport armistice ascension assomption atlantique auchan avril bac
banque belgique bonjour booking bouygues brest bretagne bricomarche bruxelles cada caf calvados
carrefour castorama ccas chatgpt citeo citroen clio cnil coca coeur commission communaute
commune communes conciergerie conseil cordialement cote covid croix darty decathlon decembre
dechet decheterie dechetterie defi dieu dimanche docteur duralex dyson eaux eco emballages
emmaus espagne est etat eternit europe facebook festival fevrier figaro fleurie fnac francais
francaise france free frigidaire gaulle gendarmerie gifi google guide ikea insee instagram
interco intercommunalite intermarche internet iphone italie janvier japon javel jeudi juillet
juin kangoo karcher kleenex leboncoin lego liberte lidl loch londres lundi madame mademoiselle
mai mairie maitre manche mardi maroc mars merci mercredi mesdames messenger messieurs mlle mme
monde monoprix monsieur nespresso ness noel non nord normand normandie novembre octobre oise
orange ouest oui pampers paques paris parisien parisienne parisiennes parisiens pays pentecote
pere peugeot philips placo plan playmobil plu plui pme point police pompiers portugal poste
poubelle prefecture pub public pyrex quebec relais renault republique rgpd roi rouge russie
salutations samedi samsung sarl sci secours seine senseo septembre sfr siret smart societe
soleil sopalin sophie spanc stop sud suez suisse sylvestre syndic tefal teom touques toussaint
travail tresor tri tribunal triman tupperware urssaf val velux vendredi veolia villa vinted
volontaire whatsapp wifi windows youtube zero
"""
USUAL_PROPER_NOUNS = frozenset(USUAL_PROPER_NOUNS_TEXT.split())


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
