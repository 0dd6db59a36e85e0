"""Words that a nudge never uses: sanction, constraint, reward, shaming; and hidden identities."""

import re
from dataclasses import dataclass

from nudge.levers.plain_text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Wording of one kind that is refused.

    Attributes
    ----------
    what
        What such wording is, in French.
    mend
        What to write instead, in French.
    pattern
        Expression searched in the plain text.
    """

    what: str
    mend: str
    pattern: re.Pattern[str]


VOCABULARIES = (
    Vocabulary(
        what="mot de sanction ou de contrainte",
        mend="un coup de pouce ne menace ni n'oblige : dites ce qui aide, et que c'est libre",
        pattern=re.compile(
            r"\b(?:amendes?|sanction\w*|penali[ts]\w*|contraventions?|obligat\w*|oblige\w*|"
            r"verbalis\w*|proces[- ]verba\w*|sous peine|poursuites?|interdi(?:t|te|ts|tes|ction)|"
            r"vous devez|infractions?|surtaxe\w*|majoration\w*|"
            r"refus\w*\s+(?:de\s+)?(?:la\s+|votre\s+|vos\s+)?collectes?|bacs? refuses?|"
            r"(?:ne sera|ne seront|n'est|n'a|n'ont)\s+pas\s+(?:ete\s+)?"
            r"(?:collecte|ramasse|vide)\w*|non collectes?)\b"
        ),
    ),
    Vocabulary(
        what="promesse de récompense",
        mend="une récompense est un autre instrument : retirez-la, ou évaluez-la à part",
        pattern=re.compile(
            r"\b(?:bons? d'achats?|cadeau[x]?|remises?(?! (?:en|a|au|aux|du|des|par|le) )|"
            r"recompens\w*|primes?|tombolas?|loteries?|cheques?[- ]?cadeaux?|offerte?s?|"
            r"a gagner|gagnez (?:un|une|des|votre)|points de fidelite|cagnottes?|"
            r"exonerations?|rabais|"
            r"reductions? (?:sur|tarifaires?|de (?:votre|la|vos) (?:facture|taxe|redevance)s?))\b"
        ),
    ),
    Vocabulary(
        what="mot qui juge ou fait honte",
        mend="parlez du geste, jamais de la personne",
        pattern=re.compile(
            r"\b(?:mauvais(?:es?)? (?:trieu\w*|voisin\w*|eleves?|citoyen\w*)|honte\w*|hontes|"
            r"cancres?|incivi\w*|irresponsables?|coupables?|fauti\w*|pollueu\w*|paresseu\w*|"
            r"negligent\w*)\b"
        ),
    ),
)

_STREET_NUMBER = re.compile(
    r"\b\d{1,4}\s*(?:bis|ter|quater)?,?\s+(?:rue|avenue|av\.|boulevard|bd|allee|chemin|place|"
    r"impasse|route|quai|square|residence|lotissement|sente)\b"
)
_HOUSE = re.compile(
    r"\b(?:au|du|le|logement|maison|appartement)\s+(?:n°|no|numero)\s*\d{1,4}\b(?!\s*\d)|"
    r"\b(?:logement|maison|appartement)\s+\d{1,4}\b"
)
_PERSON = re.compile(
    r"\b(?:M\.|MM\.|Mr|Mme|Mlle|[Mm]onsieur|[Mm]adame|[Ff]amille|[Ff]oyer)\s+"
    r"(?!Madame|Monsieur|Mesdames)[A-ZÀ-Ý][\w-]+"
)

_IDENTIFYING_NAMES = frozenset(
    {
        "nom", "prenom", "nom_famille", "nom_de_famille", "nom_habitant", "nom_foyer",
        "nom_occupant", "civilite", "adresse", "adresse_postale", "numero", "numero_rue",
        "numero_maison", "numero_logement", "numero_voie", "telephone", "email", "courriel",
        "mail", "foyer", "foyer_id", "logement", "logement_id", "occupant", "occupants", "plaque",
        "immatriculation",
    }
)  # fmt: skip


def refused_wording(text: str) -> list[tuple[Vocabulary, str]]:
    """Return refused words of a text with the vocabulary that refuses each, once each."""
    words = plain(text)
    return [
        (vocabulary, found)
        for vocabulary in VOCABULARIES
        for found in dict.fromkeys(one.group() for one in vocabulary.pattern.finditer(words))
    ]


def identified_households(text: str) -> list[str]:
    """Return the parts of a text that point to one dwelling or person."""
    words = plain(text)
    found = [one.group() for one in _STREET_NUMBER.finditer(words)]
    found += [one.group() for one in _HOUSE.finditer(words)]
    found += [one.group() for one in _PERSON.finditer(text)]
    return list(dict.fromkeys(found))


def identifies_a_household(variable: str) -> bool:
    """Whether the name of a variable announces an identity or an address."""
    return plain(variable).strip().replace("-", "_") in _IDENTIFYING_NAMES
