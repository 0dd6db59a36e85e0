"""Words by which a message says that it cannot wait."""

import re
from collections.abc import Iterator

from nlu.entities.entity import Entity
from nlu.entities.folding import FoldedText
from nlu.entities.pattern import find_pattern

URGENCY = re.compile(
    r"\b(?:(?:c'?est |cest |c |tres |hyper |trop )*urgen(?:te?|ce|t|ces|tissime)?|en urgence|"
    r"(?:au |le )?plus vite(?: possible)?|vite|rapidement|immediatement|tout de suite|"
    r"sans attendre|des que possible|asap|au secours|a l'aide|help|sos|"
    r"(?:c'?est |cest |c )?dangereux|(?:il y a |ya )?danger|inonde\w*|innonde\w*|"
    r"(?:n'?en peu[tx] plus)|ca (?:coule|gicle|jaillit|inonde) (?:partout|fort))\b"
)
# « rien d'urgent », « pas urgent », « produits dangereux »: the opposite, or another thing.
DENIED = re.compile(r"(?:\bpas|\brien d'|\brien d|\bmoins|\bproduits?|\bdechets?|\bobjets?) ?$")


def find_urgency(folded: FoldedText) -> Iterator[Entity]:
    """Words of urgency of a message, as ``urgence``; denied ones are left out."""

    def value(found: re.Match[str]) -> str:
        before = found.string[max(0, found.start() - 20) : found.start()]
        return "" if DENIED.search(before) else "urgent"

    found = find_pattern("urgence", folded, URGENCY, value=value)
    return (entity for entity in found if entity.value)
