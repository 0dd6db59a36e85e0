"""Errors of campaigns, told in French with their mend."""

from collections.abc import Sequence
from dataclasses import dataclass


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
