"""Words for the evidence grade that the analysis gave."""

from dataclasses import dataclass
from types import MappingProxyType

from nudge.analysis.result import CampaignResult, Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeWords:
    """What a grade means to a reader.

    Attributes
    ----------
    letter
        A to D.
    name
        In a few words.
    allows
        What may be concluded, in one sentence.
    """

    letter: Grade
    name: str
    allows: str


GRADES: MappingProxyType[Grade, GradeWords] = MappingProxyType(
    {
        "A": GradeWords(
            letter="A",
            name="zones tirées au sort, plan respecté",
            allows=(
                "Le tirage au sort permet d'attribuer au coup de pouce un écart que le hasard "
                "n'explique pas, dans les zones et la période étudiées."
            ),
        ),
        "B": GradeWords(
            letter="B",
            name="comparaison avec un groupe témoin, avec des réserves",
            allows=(
                "Un écart que le hasard n'explique pas peut venir du coup de pouce ; les réserves "
                "ci-dessous empêchent d'en être aussi sûr qu'avec un tirage au sort sans écart au "
                "plan."
            ),
        ),
        "C": GradeWords(
            letter="C",
            name="évolution observée, sans comparaison solide",
            allows=(
                "On sait ce qui a été observé, pas pourquoi : aucune conclusion sur la cause n'est "
                "possible."
            ),
        ),
        "D": GradeWords(
            letter="D",
            name="description seule",
            allows=(
                "On sait quel niveau a été mesuré ; ni évolution ni cause ne peuvent en être "
                "tirées."
            ),
        ),
    }
)


def grade_words(result: CampaignResult) -> GradeWords:
    """Return the words for the grade of a result."""
    return GRADES[result.grade]
