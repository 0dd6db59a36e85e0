"""The best grade of evidence that a plan can reach."""

from types import MappingProxyType
from typing import Literal

from nudge.campaign.campaign import Conception

Grade = Literal["A", "B", "C", "D"]

BEST_GRADE: MappingProxyType[Conception, Grade] = MappingProxyType(
    {"randomisee": "A", "appariee_non_randomisee": "B", "avant_apres": "C", "descriptive": "D"}
)
GRADE_MEANINGS: MappingProxyType[Grade, str] = MappingProxyType(
    {
        "A": "tirage au sort, plan verrouillé et suivi",
        "B": "comparaison à un témoin, sans tirage ou avec écart au plan",
        "C": "avant-après sans témoin : ce qui a changé, sans dire pourquoi",
        "D": "description",
    }
)


def best_grade(conception: Conception) -> str:
    """Return the best grade and its meaning as a French sentence."""
    grade = BEST_GRADE[conception]
    return f"Niveau de preuve au mieux : {grade} ({GRADE_MEANINGS[grade]})."
