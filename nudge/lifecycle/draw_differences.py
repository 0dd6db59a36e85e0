"""What :mod:`experiments.design.verification` tells of a draw, in French for a manager."""

import re
from types import MappingProxyType

# English sentence, as a pattern, to its French form; the groups are kept.
_FORMS: MappingProxyType[re.Pattern[str], str] = MappingProxyType(
    {
        re.compile(pattern): french
        for pattern, french in {
            r"(.+), field (.+?): drawn with (.*), now (.*)": (
                r"\1, champ « \2 » : tiré avec \3, maintenant \4"
            ),
            r"(.+?): cluster (.+) was drawn and is no longer listed": (
                r"\1 : la zone \2 a été tirée et n'y est plus"
            ),
            r"(.+), line (\d+): cluster (.+) was not in the draw": (
                r"\1, ligne \2 : la zone \3 n'était pas dans le tirage"
            ),
            r"(.+), column (.+?): it is no longer there": r"\1 : la colonne « \2 » n'y est plus",
            r"(.+), column (.+?): it was not in the draw": (
                r"\1 : la colonne « \2 » n'était pas dans le tirage"
            ),
            r"(.+), line (\d+) \(cluster (.+?)\), column (.+?): drawn with (.*), now (.*)": (
                r"\1, ligne \2 (zone \3), colonne « \4 » : tiré avec \5, maintenant \6"
            ),
            r"(.+): the recorded fingerprint is not that of the recorded design": (
                r"\1 : l'empreinte notée n'est pas celle du plan de tirage noté"
            ),
            r"(.+): row (\d+) is said to be drawn, the seed draws (\d+)": (
                r"\1 : le tirage n° \2 est dit sorti, la graine donne le n° \3"
            ),
            r"(.+): its clusters or arms are not those of the draw": (
                r"\1 : ses zones ou ses groupes ne sont pas ceux du tirage"
            ),
            r"(.+): its (\d+) allocations are not the (\d+) that the design admits .*": (
                r"\1 : ses \2 répartitions ne sont pas les \3 que le plan admet avec cette graine"
            ),
            r"(.+): (\d+) admissible allocations stored, (\d+) drawn": (
                r"\1 : \2 répartitions admises notées, \3 au tirage"
            ),
            r"(.+?): cluster (.+) is missing": r"\1 : la zone \2 manque",
            r"(.+?): cluster (.+) is not in the draw": r"\1 : la zone \2 n'est pas dans le tirage",
            r"(.+), cluster (.+?): (.+?) is (.*), the draw gives (.*)": (
                r"\1, zone \2, colonne « \3 » : \4, le tirage donne \5"
            ),
            r"(.+): (-?\d+) rows, the draw gives (\d+)": r"\1 : \2 lignes, le tirage en donne \3",
            r"(.+), line (\d+): (.*), the draw gives (.*)": (
                r"\1, ligne \2 : \3, le tirage donne \4"
            ),
            r"(.+): it does not carry the fingerprint of this draw": (
                r"\1 : la page ne porte pas l'empreinte de ce tirage"
            ),
            r"drawn with (\S+) (.+), verified with (.+)": r"tiré avec \1 \2, vérifié avec \3",
            r"(.+): no such folder; .*": r"\1 : ce dossier n'existe pas",
            r"(.+): No such file or directory.*": r"\1 : ce fichier manque",
            r"(.+): the record of the draw (?:is damaged|contradicts itself): draw again": (
                r"\1 : ce que le tirage y avait noté est abîmé"
            ),
        }.items()
    }
)


def in_french(sentence: str) -> str:
    """Return a sentence of the verification in French; an unknown one is quoted as it is."""
    for pattern, french in _FORMS.items():
        found = pattern.fullmatch(sentence)
        if found is not None:
            return found.expand(french)
    return f"message technique, en anglais : {sentence}"
