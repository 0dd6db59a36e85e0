"""Load any labelled corpus as a Hugging Face ``DatasetDict``.

Every corpus has ``train``, ``dev`` and ``test``. Further files beside them are further held-out
splits (a stress set, a set by other authors): measured and reported, never trained on.
"""

import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import datasets as hf_datasets
from nlu.errors import InputError

SPLITS = ("train", "dev", "test")
SPLIT_NAMES = {
    "train": ("train",),
    "dev": ("dev", "validation", "valid", "val"),
    "test": ("test",),
}
SUFFIXES = (".jsonl", ".json", ".csv", ".tsv")
OPTIONAL_COLUMNS = ("family", "register", "subtype", "author")
TAXONOMY_FILE = "intents.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShares:
    """Shares of a single file that go to dev and test; the rest is train."""

    dev: float = 0.1
    test: float = 0.2


def load_corpus(
    path: str | Path,
    *,
    text_column: str = "text",
    label_column: str = "intent",
    seed: int = 13,
) -> hf_datasets.DatasetDict:
    """Load a corpus: a folder with one file a split, or a single file.

    Parameters
    ----------
    path : str or Path
        A folder holding ``train``, ``dev`` (or ``validation``) and ``test`` files, directly or in
        ``utterances/``; or one file, which is then split 70/10/20. JSON Lines, CSV and TSV.
    text_column, label_column : str
        Columns to read; they become ``text`` and ``intent``.
    seed : int
        Of the split of a single file. Rows of one ``family`` stay together; without that column,
        rows with the same normalised text do.

    Returns
    -------
    datasets.DatasetDict
        Splits ``train``, ``dev``, ``test`` and any further one, columns ``text``,
        ``intent`` and those of ``family``, ``register``, ``subtype``, ``author`` that exist.

    Raises
    ------
    InputError
        Missing file, split or column, an empty text or label: with file, row and mend.
    """
    source = Path(path)
    if not source.exists():
        raise InputError(f"{source}: no such file or folder; give --corpus a folder or a file")
    if source.is_file():
        frame = _read_table(source, text_column, label_column)
        frames = _split_by_family(frame, SplitShares(), seed)
    else:
        frames = {
            split: _read_table(_split_file(source, split), text_column, label_column)
            for split in SPLITS
        } | {
            path.stem: _read_table(path, text_column, label_column)
            for path in further_split_files(source)
        }
    held_out = set().union(*(frame["intent"] for name, frame in frames.items() if name != "train"))
    unknown = sorted(held_out - set(frames["train"]["intent"]))
    if unknown:
        raise InputError(f"{source}: labels without a training row: {', '.join(unknown)}")
    return hf_datasets.DatasetDict(
        {
            split: hf_datasets.Dataset.from_pandas(frame, preserve_index=False)
            for split, frame in frames.items()
        }
    )


def corpus_fingerprint(corpus: hf_datasets.DatasetDict) -> str:
    """SHA-256 of texts and labels of all splits, in order."""
    digest = hashlib.sha256()
    for split in corpus:
        for text, intent in zip(corpus[split]["text"], corpus[split]["intent"], strict=True):
            digest.update(json.dumps([split, text, intent], ensure_ascii=False).encode())
    return digest.hexdigest()


def labels_of(corpus: hf_datasets.DatasetDict) -> list[str]:
    """Labels of the training split, sorted."""
    return sorted(set(corpus["train"]["intent"]))


def further_splits(corpus: hf_datasets.DatasetDict) -> list[str]:
    """Names of the held-out splits beside ``train``, ``dev`` and ``test``."""
    return [name for name in corpus if name not in SPLITS]


def further_split_files(folder: Path) -> list[Path]:
    """Files of ``utterances/`` that are none of the three usual splits, sorted."""
    usual = {name for names in SPLIT_NAMES.values() for name in names}
    return sorted(
        path
        for path in (folder / "utterances").glob("*")
        if path.suffix in SUFFIXES and path.stem not in usual
    )


def _split_file(folder: Path, split: str) -> Path:
    for root in (folder / "utterances", folder):
        for name in SPLIT_NAMES[split]:
            for suffix in SUFFIXES:
                candidate = root / f"{name}{suffix}"
                if candidate.is_file():
                    return candidate
    names = " or ".join(f"{name}.jsonl" for name in SPLIT_NAMES[split])
    raise InputError(f"{folder}: no {names} (JSON Lines, CSV or TSV) for the {split} split")


def _read_table(path: Path, text_column: str, label_column: str) -> pd.DataFrame:
    try:
        if path.suffix in {".jsonl", ".json"}:
            frame = pd.DataFrame(list(_json_rows(path)))
        elif path.suffix in {".csv", ".tsv"}:
            frame = _csv_rows(path)
        else:
            raise InputError(f"{path}: give a .jsonl, .csv or .tsv file")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read: {error}; save it as UTF-8") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"{path}: no rows") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(f"{path}: cannot be read: {error}; quote texts with commas") from None
    if frame.empty:
        raise InputError(f"{path}: no rows")
    for option, column in (("--text-column", text_column), ("--label-column", label_column)):
        if column not in frame:
            raise InputError(
                f"{path}: no column {column!r} among {', '.join(map(str, frame.columns))}; "
                f"name it with {option}"
            )
    kept = [name for name in OPTIONAL_COLUMNS if name in frame]
    frame = frame[[text_column, label_column, *kept]]
    frame.columns = pd.Index(["text", "intent", *kept])
    for column in ("text", "intent"):
        empty = ~frame[column].map(lambda value: isinstance(value, str) and bool(value.strip()))
        if empty.any():
            row = int(np.flatnonzero(empty)[0])
            value = frame[column].iloc[row]
            what = "is empty: write it or remove it"
            if not pd.isna(value) and not isinstance(value, str):
                what = f"is {value!r}: write it as a text"
            raise InputError(f"{path}: row {row + 1}: column {column!r} {what}")
    return frame.reset_index(drop=True)


def _csv_rows(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    separator = "\t" if path.suffix == ".tsv" else max(",;\t", key=header.count)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, index_col=False)


def _json_rows(path: Path) -> "list[dict[str, Any]]":
    rows = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}:{number}: not a JSON object: {error}") from None
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: a row is a JSON object")
            try:
                json.dumps(row, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                raise InputError(
                    f"{path}:{number}: half a character (a lone \\ud8xx escape): remove it"
                ) from None
            rows.append(row)
    return rows


def _split_by_family(
    frame: pd.DataFrame, shares: SplitShares, seed: int
) -> dict[str, pd.DataFrame]:
    from nlu.text.normalization import comparison_key

    family = frame["text"].map(comparison_key)
    if "family" in frame:
        written = frame["family"].map(lambda name: isinstance(name, str) and bool(name.strip()))
        family = family.where(~written, "family " + frame["family"].astype(str))
    assignment = assign_splits(family.tolist(), frame["intent"].tolist(), shares=shares, seed=seed)
    split = np.asarray(assignment)
    return {name: frame[split == name].reset_index(drop=True) for name in SPLITS}


def assign_splits(
    families: list[str], labels: list[str], *, shares: SplitShares, seed: int
) -> list[str]:
    """Split of each row, whole families together, shares held within each label.

    Families are drawn in a seeded random order label by label; a family with several labels
    (contrastive rows) counts for its first label.

    Parameters
    ----------
    families, labels : list of str, length n_rows
        Family and label of each row.
    shares : SplitShares
        Wanted shares of rows.
    seed : int
        Of the order.

    Returns
    -------
    list of str, length n_rows
        ``train``, ``dev`` or ``test``.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[str, int] = {}
    label_of: dict[str, str] = {}
    for family, label in zip(families, labels, strict=True):
        sizes[family] = sizes.get(family, 0) + 1
        label_of.setdefault(family, label)
    members: dict[str, list[str]] = {}
    for family, label in label_of.items():
        members.setdefault(label, []).append(family)
    split_of: dict[str, str] = {}
    for label in sorted(members):
        order = rng.permutation(sorted(members[label]))
        total = sum(sizes[family] for family in order)
        wanted = {"test": shares.test * total, "dev": shares.dev * total}
        for family in order:
            # Round to the nearest family, so that small labels still reach both held-out splits.
            split = next((s for s, room in wanted.items() if room >= sizes[family] / 2), "train")
            split_of[family] = split
            if split in wanted:
                wanted[split] -= sizes[family]
    return [split_of[family] for family in families]
