"""What a corpus must satisfy before a model is trained on it.

Each check is a function from the corpus to violations; ``check_corpus`` runs them all and adds
the description that the data card prints.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.corpus.loading import SPLITS, TAXONOMY_FILE, further_split_files
from nlu.corpus.near_duplicates import near_duplicates
from nlu.corpus.taxonomy import Taxonomy, load_taxonomy
from nlu.corpus.utterance import REGISTERS, Utterance, numbered_utterances
from nlu.text.normalization import comparison_key


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusRules:
    """Limits of the checks.

    Attributes
    ----------
    rows_per_intent, families_per_intent : int
        Least counts for each intent in scope.
    out_of_scope_rows : int
        Least count for the out-of-scope label.
    rows_per_family : int
        Most rows of one family.
    register_share : float
        Least share of each register within each intent.
    split_shares : dict of str to float
        Wanted shares of the rows of the passes that the test split draws from. Passes kept for
        other splits, and examples that are always in train, do not count.
    split_tolerance : float
        Greatest distance to those shares.
    duplicate_threshold : float
        Similarity from which two rows of different splits count as near-duplicates.
    """

    rows_per_intent: int = 90
    families_per_intent: int = 30
    out_of_scope_rows: int = 800
    rows_per_family: int = 4
    register_share: float = 0.15
    split_shares: Mapping[str, float]
    split_tolerance: float = 0.02
    duplicate_threshold: float = 0.6


DEFAULT_RULES = CorpusRules(split_shares={"train": 0.7, "dev": 0.1, "test": 0.2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken rule: which check, what is wrong and where."""

    check: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSummary:
    """Counts of one intent.

    Attributes
    ----------
    intent : str
        Name.
    rows : dict of str to int
        Rows by split.
    families : int
        Distinct families.
    registers : dict of str to int
        Rows by register.
    """

    intent: str
    rows: dict[str, int]
    families: int
    registers: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReport:
    """Result of the checks.

    Attributes
    ----------
    intents : tuple of IntentSummary
        In taxonomy order.
    distinct : dict of int to float
        Share of distinct word n-grams (Li et al. 2016), for n = 1, 2, 3.
    median_words : int
        Median length of a row, in words.
    violations : tuple of Violation
        Empty when the corpus passes.
    """

    intents: tuple[IntentSummary, ...]
    distinct: dict[int, float]
    median_words: int
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    split: str
    place: str
    utterance: Utterance


def check_corpus(folder: Path, *, rules: CorpusRules = DEFAULT_RULES) -> CorpusReport:
    """Check a corpus folder: ``intents.yaml`` and ``utterances/{train,dev,test}.jsonl``.

    Raises
    ------
    InputError
        When a file is missing or cannot be parsed (the place is named).
    """
    taxonomy = load_taxonomy(folder / TAXONOMY_FILE)
    rows = [
        _Row(split=split, place=f"{split}.jsonl:{number}", utterance=utterance)
        for split, path in _split_paths(folder)
        for number, utterance in numbered_utterances(path)
    ]
    checks: tuple[Callable[[Sequence[_Row], Taxonomy, CorpusRules], Iterator[Violation]], ...] = (
        _unknown_labels,
        _counts,
        _registers,
        _families,
        _split_shares,
        _label_conflicts,
        _leakage,
    )
    violations = tuple(violation for check in checks for violation in check(rows, taxonomy, rules))
    words = sorted(len(row.utterance.text.split()) for row in rows)
    return CorpusReport(
        intents=tuple(_summaries(rows, taxonomy)),
        distinct={size: distinct_ngrams(rows_text(rows), size) for size in (1, 2, 3)},
        median_words=words[len(words) // 2] if words else 0,
        violations=violations,
    )


def _split_paths(folder: Path) -> Iterator[tuple[str, Path]]:
    for split in SPLITS:
        yield split, folder / "utterances" / f"{split}.jsonl"
    for path in further_split_files(folder):
        yield path.stem, path


def rows_text(rows: Sequence[_Row]) -> list[str]:
    """Texts of the rows."""
    return [row.utterance.text for row in rows]


def distinct_ngrams(texts: Sequence[str], size: int) -> float:
    """Distinct-n: distinct word n-grams over all word n-grams (Li et al. 2016, section 5).

    Parameters
    ----------
    texts : sequence of str
        Messages.
    size : int
        Words in an n-gram.

    Returns
    -------
    float
        In (0, 1]; 0 when there is no n-gram.
    """
    seen: set[tuple[str, ...]] = set()
    total = 0
    for text in texts:
        words = comparison_key(text).split()
        for start in range(len(words) - size + 1):
            seen.add(tuple(words[start : start + size]))
            total += 1
    return len(seen) / total if total else 0.0


def _summaries(rows: Sequence[_Row], taxonomy: Taxonomy) -> Iterator[IntentSummary]:
    of_intent: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        of_intent[row.utterance.intent].append(row)
    for name in taxonomy.names:
        members = of_intent[name]
        by_split = Counter(row.split for row in members)
        by_register: Counter[str] = Counter(row.utterance.register for row in members)
        yield IntentSummary(
            intent=name,
            rows={split: by_split[split] for split in dict.fromkeys(row.split for row in rows)},
            families=len({row.utterance.family for row in members}),
            registers={register: by_register[register] for register in REGISTERS},
        )


def _unknown_labels(
    rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules
) -> Iterator[Violation]:
    slots = {intent.name: set(intent.slots) for intent in taxonomy.intents}
    for row in rows:
        utterance = row.utterance
        if utterance.intent not in slots:
            yield Violation(
                check="label", message=f"{row.place}: unknown intent {utterance.intent!r}"
            )
            continue
        for slot in utterance.slots:
            if slot.name not in slots[utterance.intent]:
                yield Violation(
                    check="slot",
                    message=f"{row.place}: slot {slot.name!r} is not one of {utterance.intent}",
                )


def _counts(rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules) -> Iterator[Violation]:
    for summary in _summaries(rows, taxonomy):
        total = sum(summary.rows.values())
        least = (
            rules.out_of_scope_rows
            if summary.intent == taxonomy.out_of_scope
            else rules.rows_per_intent
        )
        if total < least:
            yield Violation(
                check="count", message=f"{summary.intent}: {total} rows, at least {least} wanted"
            )
        if summary.families < rules.families_per_intent:
            yield Violation(
                check="count",
                message=f"{summary.intent}: {summary.families} families, at least "
                f"{rules.families_per_intent} wanted",
            )


def _registers(rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules) -> Iterator[Violation]:
    for summary in _summaries(rows, taxonomy):
        total = sum(summary.registers.values())
        for register, count in summary.registers.items():
            if total and count < rules.register_share * total:
                yield Violation(
                    check="register",
                    message=f"{summary.intent}: {register} is {count / total:.0%} of the rows, "
                    f"at least {rules.register_share:.0%} wanted",
                )


def _families(rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules) -> Iterator[Violation]:
    sizes = Counter(row.utterance.family for row in rows)
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        splits[row.utterance.family].add(row.split)
    for family, size in sizes.items():
        if size > rules.rows_per_family:
            yield Violation(
                check="family",
                message=f"{family}: {size} rows, at most {rules.rows_per_family}",
            )
    for family, where in splits.items():
        if len(where) > 1:
            yield Violation(
                check="leakage", message=f"{family}: in several splits ({', '.join(sorted(where))})"
            )


def _split_shares(
    rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules
) -> Iterator[Violation]:
    tested = {row.utterance.author for row in rows if row.split == "test"}
    counts = Counter(row.split for row in rows if row.utterance.author in tested)
    for split, share in rules.split_shares.items():
        actual = counts[split] / max(1, counts.total())
        if abs(actual - share) > rules.split_tolerance:
            yield Violation(
                check="split", message=f"{split}: {actual:.1%} of the rows, {share:.0%} wanted"
            )
    for summary in _summaries(rows, taxonomy):
        for split in rules.split_shares:
            if summary.rows.get(split, 0) == 0:
                yield Violation(check="split", message=f"{summary.intent}: no row in {split}")


def _label_conflicts(
    rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules
) -> Iterator[Violation]:
    first: dict[str, _Row] = {}
    for row in rows:
        key = comparison_key(row.utterance.text)
        other = first.setdefault(key, row)
        if other is row:
            continue
        if other.utterance.intent != row.utterance.intent:
            yield Violation(
                check="conflict",
                message=f"{other.place} and {row.place}: same text, labels "
                f"{other.utterance.intent} and {row.utterance.intent}",
            )
        else:
            yield Violation(check="duplicate", message=f"{other.place} and {row.place}: same text")


def _leakage(rows: Sequence[_Row], taxonomy: Taxonomy, rules: CorpusRules) -> Iterator[Violation]:
    for pair in near_duplicates(rows_text(rows), threshold=rules.duplicate_threshold):
        first, second = rows[pair.first], rows[pair.second]
        if first.split != second.split:
            yield Violation(
                check="leakage",
                message=f"{first.place} and {second.place} are {pair.similarity:.0%} alike across "
                f"splits: {first.utterance.text!r} / {second.utterance.text!r}",
            )
