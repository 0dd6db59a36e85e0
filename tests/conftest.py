import json
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("POUCE_QUIET", "1")

ROOT = Path(__file__).parents[1]

TOY_SUBJECTS = {
    "bac_casse": ["le couvercle du bac", "la roue de la poubelle", "la poignée du conteneur"],
    "eau_prix": ["le prix du mètre cube", "le tarif de l'eau", "le coût de l'abonnement"],
    "bavardage": ["bonjour à vous", "merci beaucoup", "bonne soirée"],
    "hors_perimetre": ["la météo de demain", "la recette des crêpes", "le score du match"],
}
TOY_FORMS = {
    "bac_casse": ["{} est cassé", "{} est fendue depuis hier", "réparer {} svp", "{} hs"],
    "eau_prix": ["quel est {} ?", "{} a augmenté pourquoi", "je cherche {}", "{} combien"],
    "bavardage": ["{}", "{} sophie", "{} et à bientôt", "eh bien {}"],
    "hors_perimetre": ["{} ?", "dis moi {}", "je veux {}", "connais tu {}"],
}
TOY_TAXONOMY = """
version: "1"
out_of_scope: hors_perimetre
themes: {t1: Un, t2: Deux}
intents:
  bac_casse: {theme: t1, title: Bac, nature: transaction, scope: v1, definition: A bin is broken, examples: [x]}
  eau_prix: {theme: t1, title: Prix, nature: information, scope: v2, definition: Price of water, examples: [x]}
  bavardage: {theme: t2, title: Bla, nature: dialogue, scope: v1, definition: Small talk here, examples: [x]}
  hors_perimetre: {theme: t2, title: Hors, nature: dialogue, scope: v1, definition: Anything else, examples: [x]}
"""  # noqa: E501


def toy_rows():
    for intent, subjects in TOY_SUBJECTS.items():
        for place, subject in enumerate(subjects):
            for form, pattern in enumerate(TOY_FORMS[intent]):
                for register, text in (
                    ("std", pattern.format(subject)),
                    ("sms", pattern.format(subject).upper()),
                ):
                    split = ("test", "dev", "train", "train")[(form + place) % 4]
                    subtype = "lointain" if intent == "hors_perimetre" else ""
                    yield (
                        split,
                        {
                            "text": text,
                            "intent": intent,
                            "family": f"{intent}-{place}-{form}",
                            "register": register,
                            "author": "toy",
                            "subtype": subtype,
                            "slots": [],
                        },
                    )


@pytest.fixture(scope="session")
def toy_corpus(tmp_path_factory) -> Path:
    """A corpus of four easy intents with a taxonomy, in the layout of datasets/sophie."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "utterances").mkdir()
    (folder / "intents.yaml").write_text(TOY_TAXONOMY, encoding="utf-8")
    lines = {"train": [], "dev": [], "test": []}
    for split, row in toy_rows():
        lines[split].append(json.dumps(row, ensure_ascii=False))
    for split, rows in lines.items():
        (folder / "utterances" / f"{split}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    """A random two-layer BERT with a tokeniser of its own, saved like any local encoder."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    )
    texts = [row["text"] for _split, row in toy_rows()]
    alphabet = ["où jeter une bouteille en verre à la déchèterie", "abcdefghijklmnopqrstuvwxyz"]
    tokenizer.train_from_iterator(texts + alphabet * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    model = BertModel(
        BertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=66,
        ),
        add_pooling_layer=False,
    )
    folder = tmp_path_factory.mktemp("encoder")
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def toy_settings(toy_corpus, tiny_encoder) -> tuple[str, ...]:
    """Overrides that train the toy classifier in a few seconds."""
    return (
        f"corpus.path={toy_corpus}",
        f"encoder.source={tiny_encoder}",
        "encoder.freeze_word_embeddings=false",
        "encoder.train_max_length=32",
        "encoder.max_length=48",
        "optimisation.epochs=6",
        "optimisation.batch_size=8",
        "optimisation.learning_rate=5e-3",
        "hardware.precision=fp32",
        "hardware.threads=1",
        "decision.answer_risk=0.3",
        "tracking.registered_model=toy-intent",
    )


@pytest.fixture(scope="session")
def toy_trained(toy_settings):
    """The toy classifier, trained once for all tests."""
    from nlu.training.config import load_config
    from nlu.training.pipeline import train_classifier

    return train_classifier(load_config(None, toy_settings))


@pytest.fixture(scope="session")
def toy_classifier(toy_trained):
    from nlu.classifier.intent_classifier import IntentClassifier

    return IntentClassifier(toy_trained.artifact)


@pytest.fixture(scope="session")
def toy_artifact(toy_trained, tmp_path_factory) -> Path:
    """The toy classifier as a folder."""
    from nlu.classifier.artifact import save_artifact

    folder = tmp_path_factory.mktemp("artifact") / "classifier"
    save_artifact(toy_trained.artifact, folder)
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Iterator[Path]:
    """An empty working folder, with an MLflow store of its own, for the tests of one module."""
    folder = tmp_path_factory.mktemp("work")
    before = Path.cwd()
    os.chdir(folder)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    yield folder
    os.chdir(before)


SERVERS = ("/usr/local/lib/postgresql", "/usr/lib/postgresql", "/opt/homebrew/opt/postgresql")


def _folder_of_postgresql():
    """Folder that holds both initdb and pg_ctl; None where no server is installed."""
    folders = [Path(found).parent for found in [shutil.which("pg_ctl")] if found]
    for base in SERVERS:
        folders += sorted(Path(base).glob("*/bin"), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _unprivileged_user():
    """A user to run the server as, for it refuses to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _free_port():
    # Below the ports that systems give to outgoing connections: a client that retries while a
    # server is down can be given the server's own port, which then cannot start again.
    for port in random.SystemRandom().sample(range(20_000, 30_000), 50):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free between 20000 and 30000")


@pytest.fixture(scope="session")
def free_port():
    """Find a port that a server may take, leave and take again."""
    return _free_port


class PostgresqlServer:
    """A throw-away PostgreSQL server, without a database."""

    def __init__(self, binaries, user):
        self._binaries, self._user = binaries, user
        self.folder = Path(tempfile.mkdtemp(prefix="pouce-pg-"))
        if user is not None:
            shutil.chown(self.folder, user)
        self.port = _free_port()
        self.address = f"postgresql://pouce@127.0.0.1:{self.port}"

    def create(self):
        self._run("initdb", "-D", "data", "-U", "pouce", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self):
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -k '' -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", settings, "start")

    def stop(self, mode):
        self._run("pg_ctl", "-D", "data", "-m", mode, "stop")

    def remove(self):
        with suppress(subprocess.SubprocessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name, *arguments):
        subprocess.run(
            [self._binaries / name, *arguments],
            check=True,
            user=self._user,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=60,
        )


@contextmanager
def _running_postgresql():
    binaries = _folder_of_postgresql()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    user = _unprivileged_user()
    if os.geteuid() == 0 and user is None:
        pytest.skip("PostgreSQL does not run as root and there is no other user")
    server = PostgresqlServer(binaries, user)
    try:
        server.create()
        server.start()
    except (subprocess.SubprocessError, OSError) as error:
        server.remove()
        pytest.skip(f"PostgreSQL does not start here: {error}")
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgresql_server():
    """Address of a throw-away PostgreSQL server, without a database."""
    with _running_postgresql() as server:
        yield server.address


@pytest.fixture
def own_postgresql_server():
    """A PostgreSQL server that a test may stop."""
    with _running_postgresql() as server:
        yield server


class SmallDisk:
    """A file system of a few megabytes that only some processes have, and that ends with them."""

    _APART = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")

    def __init__(self, folder, megabytes):
        self.folder = folder
        mount = f"mount -t tmpfs -o size={megabytes}m tmpfs '{folder}'"
        # To be put before the words of a command, which then has the disk.
        self.under = (*self._APART, "sh", "-c", f'{mount} && exec "$@"', "sh")

    def seen_in(self, process):
        """Its path for those who do not have it."""
        return Path(f"/proc/{process}/root{self.folder}")

    @staticmethod
    def fill(folder):
        with (folder / "ballast").open("ab", buffering=0) as ballast:
            for size in (65_536, 4_096, 512, 1):
                with suppress(OSError):
                    while True:
                        ballast.write(b"x" * size)

    @staticmethod
    def make_room(folder):
        (folder / "ballast").unlink()


@pytest.fixture
def small_disk(tmp_path):
    """Make a small disk; skipped where this machine lets nobody mount one."""
    if shutil.which("unshare") is None:
        pytest.skip("small file systems are made by Linux's unshare")

    def make(*, megabytes):
        folder = tmp_path / "disk"
        folder.mkdir()
        disk = SmallDisk(folder, megabytes)
        tried = subprocess.run([*disk.under, "true"], capture_output=True, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"no file system can be mounted here: {tried.stderr.strip()}")
        return disk

    return make
