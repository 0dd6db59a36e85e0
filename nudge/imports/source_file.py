"""A field file before its rows are read: format, fingerprint, encoding, separator, header."""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nudge.errors import CampaignError, Problem, os_reason

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: dict[str, Format] = {".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}
BLOCK_BYTES = 1 << 20
WINDOWS_NOTICE = (
    "fichier en Windows-1252, lu comme tel : vérifier les accents, et enregistrer plutôt en UTF-8"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """What is known of a file before its rows are read.

    Attributes
    ----------
    path
        Where it is.
    format
        ``csv``, ``xlsx`` or ``parquet``, after the end of its name.
    sha256
        SHA-256 of its bytes, in hexadecimal.
    n_lines
        Line feeds of a CSV file, for showing progress; 0 for the other formats.
    encoding, delimiter
        Of a CSV file.
    notices
        Remarks for the user, in French.
    """

    path: Path
    format: Format
    sha256: str
    n_lines: int = 0
    encoding: str = "utf-8"
    delimiter: str = ","
    notices: tuple[str, ...] = ()

    @property
    def french(self) -> bool:
        """Whether decimal commas are unambiguous in it."""
        return self.format == "xlsx" or (self.format == "csv" and self.delimiter == ";")


def source_file(path: Path) -> SourceFile:
    """Look a file over: fingerprint, and encoding and separator where it is CSV.

    Raises
    ------
    CampaignError
        The file cannot be read, is empty, or its name ends in no known way.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise unreadable(path, "format inconnu", "enregistrer en .csv, .xlsx ou .parquet")
    try:
        return _csv(path) if kind == "csv" else _binary(path, kind)
    except OSError as error:
        what = f"fichier illisible ({os_reason(error)})"
        raise unreadable(path, what, "vérifier le chemin") from error


def unreadable(path: Path, what: str, mend: str = "") -> CampaignError:
    """Return the error of a file that cannot be read as a whole."""
    return CampaignError(Problem(place=path.name, what=what, mend=mend))


def _binary(path: Path, kind: Format) -> SourceFile:
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return SourceFile(path=path, format=kind, sha256=digest.hexdigest())


def _csv(path: Path) -> SourceFile:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, lines, first = True, 0, b""
    for block in _blocks(path):
        digest.update(block)
        lines += block.count(b"\n")
        first = first or block
        if utf8:
            utf8 = _decodes(decoder, block)
    utf8 = utf8 and _decodes(decoder, b"", final=True)
    if first[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raise unreadable(path, "le fichier est en UTF-16", "l'enregistrer en UTF-8")
    encoding = "utf-8" if utf8 else "cp1252"
    header = first.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="replace")
    header = header.splitlines()[0] if header.strip() else ""
    if not header.strip():
        raise unreadable(path, "le fichier ne commence pas par une ligne de titres",
                         "mettre les noms des colonnes en ligne 1")  # fmt: skip
    return SourceFile(
        path=path,
        format="csv",
        sha256=digest.hexdigest(),
        n_lines=lines,
        encoding=encoding,
        delimiter=";" if header.count(";") > header.count(",") else ",",
        notices=() if utf8 else (WINDOWS_NOTICE,),
    )


def csv_header(source: SourceFile) -> list[str]:
    """Return the titles in line 1 of a CSV file."""
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    with source.path.open(encoding=encoding, errors="replace", newline="") as stream:
        return next(csv.reader(stream, delimiter=source.delimiter))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block
