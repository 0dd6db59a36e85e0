"""Finding the results of campaigns in the folders that a person names."""

from collections.abc import Sequence
from pathlib import Path

from nudge.analysis.result import CampaignResult
from nudge.analysis.result_file import load_result
from nudge.errors import CampaignError, Problem

RESULT_FILE = Path("analyse", "resultat.json")


def load_results(paths: Sequence[Path]) -> list[CampaignResult]:
    """Read the results named, or found in folders of campaigns, each campaign once.

    Parameters
    ----------
    paths
        Result files, campaign folders, or folders of campaign folders.

    Raises
    ------
    CampaignError
        A path holds no result, or two results are of one campaign.
    """
    files = dict.fromkeys(file.resolve() for path in paths for file in _files(path))
    results: dict[str, CampaignResult] = {}
    for file in files:
        found = load_result(file)
        name = found.campaign.identifier
        if name in results:
            raise CampaignError(
                Problem(place=str(file), what=f"deuxième résultat de la campagne « {name} »",
                        mend="ne nommer qu'un résultat par campagne")
            )  # fmt: skip
        results[name] = found
    return list(results.values())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / RESULT_FILE).is_file():
        return [path / RESULT_FILE]
    found = sorted(path.glob(f"*/{RESULT_FILE.as_posix()}"))
    if not found:
        raise CampaignError(
            Problem(place=str(path), what="pas de résultat de campagne ici",
                    mend="nommer un dossier de campagne analysée (« pouce campaign analyse »)")
        )  # fmt: skip
    return found
