"""Errors of campaigns, told in French with their mend."""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_OS_REASONS: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOENT: "le fichier ou le dossier n'existe pas",
        errno.EACCES: "accès refusé",
        errno.EPERM: "opération non permise",
        errno.EISDIR: "c'est un dossier",
        errno.ENOTDIR: "ce n'est pas un dossier",
        errno.EEXIST: "le fichier existe déjà",
        errno.ENOTEMPTY: "le dossier n'est pas vide",
        errno.ENOSPC: "le disque est plein",
        errno.EROFS: "le disque est en lecture seule",
        errno.ENAMETOOLONG: "le nom est trop long",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it stands and how it is mended; all texts in French.

    Attributes
    ----------
    what
        What is wrong.
    mend
        What to do about it.
    place
        File or section, such as ``campagne.yaml``.
    row
        Line of the file, the header being line 1; None where there is none.
    column
        Column or field; empty where there is none.
    """

    what: str
    mend: str = ""
    place: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        """Return one French line: place, row, column, what is wrong, mend."""
        where = [self.place] if self.place else []
        where += [f"ligne {self.row}"] if self.row is not None else []
        where += [f"« {self.column} »"] if self.column else []
        head = f"{', '.join(where)} : " if where else ""
        mend = f" → {self.mend}" if self.mend else ""
        return f"{head}{self.what}{mend}"


class CampaignError(ValueError):
    """What was asked cannot be done; says why and what to do, in French.

    Parameters
    ----------
    problems
        One problem, several, or a sentence.
    """

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(what=problems)
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def os_reason(error: OSError) -> str:
    """Return in French why the operating system refused; its own words for a rare reason."""
    return _OS_REASONS.get(error.errno or 0, error.strerror or str(error))
