"""Reading the knowledge base and checking it as a whole, with every fault told in French."""

import csv
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from nlu.corpus.taxonomy import load_taxonomy
from nlu.entities.waste_object import read_waste_objects
from nudge.campaign.french_validation import french_problem
from nudge.errors import CampaignError, Problem
from serving.knowledge.answer import Answer, Message
from serving.knowledge.contact import Contact
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.knowledge.lexicon import Lexicons

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
REPOSITORY_FOLDER = DATASETS / "knowledge"
CONTACTS = frozenset({"dechets", "secours", "secours_europe", "secours_sms", "gaz"})
Model = TypeVar("Model", bound=BaseModel)


def load_answers(folder: Path = REPOSITORY_FOLDER, *, datasets: Path = DATASETS) -> KnowledgeBase:
    """Read ``answers``, ``messages``, ``contacts`` and ``lexicons`` of a folder.

    Parameters
    ----------
    folder : Path
        Folder of the four YAML files.
    datasets : Path
        Folder of ``sophie/intents.yaml``, ``sophie/objects.csv`` and ``territory/communes.csv``.

    Raises
    ------
    CampaignError
        With every faulty entry: file, line, field, mend.
    """
    taxonomy = load_taxonomy(datasets / "sophie" / "intents.yaml")
    intents = {intent.name: intent for intent in taxonomy.intents}
    answers = read_entries(folder / "answers.yaml", "answers", Answer)
    messages = read_entries(folder / "messages.yaml", "messages", Message)
    contacts = read_entries(folder / "contacts.yaml", "contacts", Contact)
    problems = [
        *_repeated("answers.yaml", [(line, one.identifier) for line, one in answers]),
        *_repeated("messages.yaml", [(line, one.key) for line, one in messages]),
        *_repeated("contacts.yaml", [(line, one.key) for line, one in contacts]),
        *_unknown_intents(answers, intents.keys()),
        *_missing_contacts({one.key for _, one in contacts}),
    ]
    if problems:
        raise CampaignError(problems)
    by_intent: dict[str, list[Answer]] = defaultdict(list)
    for _, answer in answers:
        by_intent[answer.intent].append(answer)
    return KnowledgeBase(
        answers=MappingProxyType({name: tuple(kept) for name, kept in by_intent.items()}),
        messages=MappingProxyType({one.key: one for _, one in messages}),
        contacts=MappingProxyType({one.key: one for _, one in contacts}),
        lexicons=_lexicons(folder / "lexicons.yaml"),
        intents=MappingProxyType(intents),
        themes=MappingProxyType(dict(taxonomy.themes)),
        objects=MappingProxyType(
            {one.name: one for one in read_waste_objects(datasets / "sophie" / "objects.csv")}
        ),
        communes=MappingProxyType(_communes(datasets / "territory" / "communes.csv")),
    )


def read_entries(path: Path, key: str, model: type[Model]) -> list[tuple[int, Model]]:
    """Read the list that a YAML file holds under a key.

    Returns
    -------
    list of (int, model)
        First line of the entry and entry.

    Raises
    ------
    CampaignError
        With every faulty field: file, line of its entry, field, mend.
    """
    content, lines = _content(path, key)
    found: list[tuple[int, Model]] = []
    problems: list[Problem] = []
    for line, fields in zip(lines, content, strict=True):
        try:
            found.append((line, model.model_validate(fields)))
        except ValidationError as error:
            for fault in error.errors():
                told = french_problem(fault, source=path.name)
                problems.append(
                    Problem(what=told.what, mend=told.mend, place=path.name, row=line,
                            column=told.column)
                )  # fmt: skip
    if problems:
        raise CampaignError(problems)
    return found


def _content(path: Path, key: str) -> tuple[list[Any], list[int]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(Problem(place=path.name, what=f"fichier illisible ({error})")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CampaignError(
            Problem(
                place=path.name,
                row=None if mark is None else mark.line + 1,
                what=f"YAML illisible ({getattr(error, 'problem', None) or error})",
                mend="vérifier l'alignement, les deux-points et les guillemets",
            )
        ) from None
    if root is None or not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise CampaignError(
            Problem(place=path.name, column=key, what="la liste manque", mend="l'ajouter")
        )
    nodes = next(value for name, value in root.value if name.value == key)
    return content[key], [node.start_mark.line + 1 for node in nodes.value]


def _lexicons(path: Path) -> Lexicons:
    try:
        return Lexicons.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise CampaignError(
            [french_problem(fault, source=path.name) for fault in error.errors()]
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(Problem(place=path.name, what=f"fichier illisible ({error})")) from None


def _communes(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code_insee"]: row["nom"] for row in csv.DictReader(lines)}


def _repeated(place: str, keys: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for line, key in keys:
        if key in seen:
            what = f"« {key} » figure déjà plus haut"
            yield Problem(place=place, row=line, what=what, mend="changer l'identifiant")
        seen.add(key)


def _unknown_intents(
    answers: Sequence[tuple[int, Answer]], intents: Container[str]
) -> Iterator[Problem]:
    for line, answer in answers:
        for name in (answer.intent, *answer.quick_replies):
            if name not in intents:
                column = "intent" if name == answer.intent else "quick_replies"
                mend = "choisir une intention de datasets/sophie/intents.yaml"
                yield Problem(place="answers.yaml", row=line, column=column,
                              what=f"« {name} » est inconnu", mend=mend)  # fmt: skip


def _missing_contacts(keys: set[str]) -> Iterator[Problem]:
    for key in sorted(CONTACTS - keys):
        yield Problem(place="contacts.yaml", what=f"le contact « {key} » manque", mend="l'ajouter")
