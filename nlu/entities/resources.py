"""Everything that the extraction needs, prepared once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from nlu.entities.folding import fold_words
from nlu.entities.gazetteer import Gazetteer
from nlu.entities.lexicons import FLUX, USER_CATEGORIES, WASTE_CLASSES
from nlu.entities.listed_words import index_lists
from nlu.entities.phrase_index import PhraseIndex
from nlu.entities.waste_object import WasteObject, WasteObjects, index_waste_objects

ORDINARY_WORDS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityResources:
    """Lists and indices of the extraction; build once and keep.

    Attributes
    ----------
    gazetteer : Gazetteer
        Places of the territory and outside it.
    waste : WasteObjects
        Waste objects.
    flux, user_categories, waste_classes : PhraseIndex
        Closed lists.
    bin_colours : mapping of str to str
        Colour of a bin (``jaune``, ``gris``, ``vert``, ``noir``, ``bleu``, ``marron``) to its
        stream on the territory.
    """

    gazetteer: Gazetteer
    waste: WasteObjects
    flux: PhraseIndex
    user_categories: PhraseIndex
    waste_classes: PhraseIndex
    bin_colours: Mapping[str, str]


def build_resources(
    *,
    gazetteer: Gazetteer,
    waste_objects: Sequence[WasteObject],
    bin_colours: Mapping[str, str] = MappingProxyType({}),
    ordinary: frozenset[str],
) -> EntityResources:
    """Prepare the extraction.

    Parameters
    ----------
    gazetteer : Gazetteer
        Of :func:`nlu.entities.gazetteer.build_gazetteer` or ``read_gazetteer``.
    waste_objects : sequence of WasteObject
        Of :func:`nlu.entities.waste_object.read_waste_objects`.
    bin_colours : mapping of str to str
        Empty where the colours are not known: the stream of a coloured bin is then left open.
    ordinary : frozenset of str
        Of :func:`ordinary_words`.
    """
    return EntityResources(
        gazetteer=gazetteer,
        waste=index_waste_objects(waste_objects, ordinary=ordinary),
        flux=index_lists(FLUX, ordinary=ordinary),
        user_categories=index_lists(USER_CATEGORIES, ordinary=ordinary),
        waste_classes=index_lists(WASTE_CLASSES, ordinary=ordinary),
        bin_colours=MappingProxyType(dict(bin_colours)),
    )


def ordinary_words(count: int = ORDINARY_WORDS) -> frozenset[str]:
    """Most frequent French words, folded (wordfreq, Speer 2022)."""
    import wordfreq

    return frozenset(
        folded for word in wordfreq.top_n_list("fr", count) if (folded := fold_words(word))
    )
