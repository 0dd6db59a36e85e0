import json
import shutil

import pytest

from nlu.encoder.source import load_encoder
from nlu.errors import InputError


def test_a_local_folder_is_an_encoder(tiny_encoder):
    encoder = load_encoder(str(tiny_encoder))
    assert encoder.model.config.hidden_size == 32
    assert not any("pooler" in name for name, _ in encoder.model.named_parameters())


def test_a_hub_id_without_network_says_what_to_do(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"no-such/model-xyz.*embedded"):
        load_encoder("no-such/model-xyz")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"config\.json"):
        load_encoder(str(tmp_path))


def test_a_tokeniser_that_knows_no_word_is_refused(tiny_encoder, tmp_path):
    folder = tmp_path / "blind"
    shutil.copytree(tiny_encoder, folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    content["model"]["vocab"] = {word: place for place, word in enumerate(specials)}
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="does not know French words"):
        load_encoder(str(folder))
