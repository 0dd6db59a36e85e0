"""What became of an export of contacts: a report, or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass

from nudge.errors import CampaignError, Problem
from nudge.imports.faults import FaultLog


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsReport:
    """What became of an export.

    Attributes
    ----------
    file, sha256
        Name and SHA-256, in hexadecimal, of the file.
    n_rows, n_new, n_known
        Contacts of the file; those that came in; those known already.
    n_classified, n_untyped
        Among the new ones, those that the classifier typed, and those without a theme.
    notices
        Remarks in French on how the file was read.
    """

    file: str
    sha256: str
    n_rows: int
    n_new: int
    n_known: int
    n_classified: int = 0
    n_untyped: int = 0
    notices: tuple[str, ...] = ()


class RefusedContactsError(CampaignError):
    """An export was refused: nothing of it is in the store.

    Parameters
    ----------
    problems
        What is wrong, at most 10,000 problems.
    log
        Its faulty cells; empty where the file cannot be read as a whole.
    """

    def __init__(self, problems: Sequence[Problem], log: FaultLog) -> None:
        self.log = log
        super().__init__(problems)
