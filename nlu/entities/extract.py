"""All entities of a message, without overlap."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from nlu.entities.commune import find_communes
from nlu.entities.date_expression import find_dates
from nlu.entities.entity import Entity
from nlu.entities.flux import find_flux
from nlu.entities.folding import FoldedText, Word, fold
from nlu.entities.label_colour import find_label_colours
from nlu.entities.listed_words import find_listed
from nlu.entities.quantity import find_quantities
from nlu.entities.request_number import find_request_numbers
from nlu.entities.resources import EntityResources
from nlu.entities.street_address import find_addresses
from nlu.entities.urgency import find_urgency
from nlu.entities.waste_object import find_waste_objects

# Beyond, a message is no message; what follows is not read.
LONGEST_READ = 20_000
# Between spans of one length, the first named here is kept.
PRECEDENCE = (
    "adresse", "numero_demande", "commune", "commune_hors_territoire", "volume", "montant",
    "date", "quantite", "couleur_etiquette", "flux", "categorie_dechet", "type_dechet",
    "user_category", "urgence",
)  # fmt: skip


def extract_entities(
    text: str,
    *,
    resources: EntityResources,
    today: date,
    slots: Collection[str] | None = None,
) -> tuple[Entity, ...]:
    """Entities of a message, in order, none overlapping another.

    Parameters
    ----------
    text : str
        A message as received: written, dictated without accents or marks, or texted. Any string
        is accepted; past 20,000 characters nothing is read.
    resources : EntityResources
        Of :func:`nlu.entities.resources.build_resources`.
    today : date
        Day from which relative dates are read, in Europe/Paris.
    slots : collection of str, optional
        Slots that matter, those of the intent say: others are left out before overlaps are
        settled (« cartons » is a stream or an object). All when omitted.

    Returns
    -------
    tuple of Entity
        Offsets are those of ``text``. Of two overlapping entities the longer is kept, then the
        more certain, then the more specific slot.
    """
    folded = fold(text[:LONGEST_READ])
    words = folded.words()
    found = _all(folded, words, resources, today)
    return without_overlap(one for one in found if slots is None or one.name in slots)


def without_overlap(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Keep the longest, most certain and most specific entities that do not overlap."""
    ranked = sorted(
        entities,
        key=lambda one: (one.start - one.end, -one.score, PRECEDENCE.index(one.name), one.start),
    )
    kept: list[Entity] = []
    taken: set[int] = set()
    for entity in ranked:
        span = range(entity.start, entity.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(entity)
    return tuple(sorted(kept, key=lambda one: one.start))


def _all(
    folded: FoldedText, words: Sequence[Word], resources: EntityResources, today: date
) -> Iterator[Entity]:
    yield from find_communes(folded, words, resources.gazetteer)
    yield from find_flux(folded, words, resources.flux, bin_colours=resources.bin_colours)
    yield from find_waste_objects(folded, words, resources.waste)
    yield from find_listed("categorie_dechet", folded, words, resources.waste_classes)
    yield from find_listed("user_category", folded, words, resources.user_categories)
    yield from find_dates(folded, today=today)
    yield from find_addresses(folded)
    yield from find_request_numbers(folded)
    yield from find_label_colours(folded)
    yield from find_quantities(folded)
    yield from find_urgency(folded)
