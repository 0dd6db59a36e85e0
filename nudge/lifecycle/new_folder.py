"""Writing a folder whole or not at all."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nudge.errors import CampaignError, Problem, os_reason


def write_folder(folder: Path, contents: Mapping[str, str]) -> tuple[Path, ...]:
    """Write texts in UTF-8 into a new folder.

    Parameters
    ----------
    folder
        New or empty folder.
    contents
        File name to text.

    Raises
    ------
    CampaignError
        The folder holds something, or cannot be written.
    """
    building: Path | None = None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CampaignError(
                Problem(
                    place=str(folder),
                    what="ce dossier existe déjà",
                    mend="le déplacer : rien n'est écrit par-dessus",
                )
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, text in contents.items():
            (building / name).write_bytes(text.encode())
        # A temporary folder is private to its maker; what replaces it follows the umask.
        building.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        building.rename(folder)
    except OSError as error:
        what = f"écriture impossible ({os_reason(error)})"
        raise CampaignError(
            Problem(place=str(folder), what=what, mend="vérifier les droits")
        ) from None
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
    return tuple(sorted(folder.iterdir()))
