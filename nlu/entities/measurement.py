"""Precision and recall of the extraction on marked spans, slot by slot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlu.corpus.taxonomy import Taxonomy
from nlu.corpus.utterance import Utterance
from nlu.entities.entity import Entity
from nlu.evaluation.bootstrap import Interval, bootstrap_interval

Extract = Callable[[Utterance], Sequence[Entity]]
Span = tuple[int, int]
# Spans of these slots are rightly recognised as the first: neither required nor faulted.
ALSO_RIGHT: Mapping[str, tuple[str, ...]] = {"date": ("periode",), "commune": ("decheterie",)}
MEASURED = (
    "commune", "commune_hors_territoire", "flux", "type_dechet", "categorie_dechet", "date",
    "adresse", "numero_demande", "urgence", "user_category", "couleur_etiquette", "quantite",
    "volume", "montant",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotMeasure:
    """Agreement of recognised and marked spans of a slot.

    Attributes
    ----------
    slot : str
        Slot of the taxonomy.
    matching : str
        ``exact`` (same span) or ``overlap`` (one character in common, one to one).
    rows : int
        Messages whose intent may mark the slot; no other is looked at.
    marked, recognised : int
        Spans of these messages.
    precision, recall : Interval
        With intervals over families; nan where there is nothing to divide by. Marking is not
        complete, so precision is a lower bound.
    """

    slot: str
    matching: str
    rows: int
    marked: int
    recognised: int
    precision: Interval
    recall: Interval


def measure_entities(
    utterances: Iterable[Utterance],
    taxonomy: Taxonomy,
    extract: Extract,
    *,
    draws: int = 1000,
    seed: int = 13,
) -> list[SlotMeasure]:
    """Measure an extraction on marked messages.

    Parameters
    ----------
    utterances : iterable of Utterance
        Messages with marked spans.
    taxonomy : Taxonomy
        Says which slots an intent may mark.
    extract : callable
        From a message to its entities; it must look at the text alone, or say so.
    draws, seed : int
        Of the bootstrap over families.

    Returns
    -------
    list of SlotMeasure
        Two a slot, exact and overlap; slots without a message are left out.
    """
    rows = list(utterances)
    found = [extract(row) for row in rows]
    slots_of = {intent.name: frozenset(intent.slots) for intent in taxonomy.intents}
    measures = []
    for slot in MEASURED:
        kept = [place for place, row in enumerate(rows) if slot in slots_of.get(row.intent, ())]
        if not kept:
            continue
        families = [rows[place].family for place in kept]
        for matching in ("exact", "overlap"):
            counts = np.array(
                [_counts(rows[place], found[place], slot, matching) for place in kept], np.int64
            )
            measures.append(
                SlotMeasure(
                    slot=slot,
                    matching=matching,
                    rows=len(kept),
                    marked=int(counts[:, 1].sum()),
                    recognised=int(counts[:, 2].sum()),
                    precision=_ratio(counts, 2, families, draws=draws, seed=seed),
                    recall=_ratio(counts, 1, families, draws=draws, seed=seed),
                )
            )
    return measures


def _counts(
    row: Utterance, found: Sequence[Entity], slot: str, matching: str
) -> tuple[int, int, int]:
    """Right, marked and recognised spans of one message."""
    marked = [(one.start, one.end) for one in row.slots if one.name == slot]
    also = [(one.start, one.end) for one in row.slots if one.name in ALSO_RIGHT.get(slot, ())]
    recognised = [(one.start, one.end) for one in found if one.name == slot]
    free = list(marked)
    right = ignored = 0
    for span in recognised:
        match = next((one for one in free if _agree(one, span, matching)), None)
        if match is not None:
            free.remove(match)
            right += 1
        elif any(_agree(one, span, "overlap") for one in also):
            ignored += 1
    return right, len(marked), len(recognised) - ignored


def _agree(one: Span, other: Span, matching: str) -> bool:
    if matching == "exact":
        return one == other
    return one[0] < other[1] and other[0] < one[1]


def _ratio(
    counts: npt.NDArray[np.int64], column: int, families: Sequence[str], *, draws: int, seed: int
) -> Interval:
    def ratio(rows: npt.NDArray[np.int64]) -> float:
        total = counts[rows, column].sum()
        return float(counts[rows, 0].sum() / total) if total else float("nan")

    return bootstrap_interval(ratio, families, draws=draws, seed=seed)
