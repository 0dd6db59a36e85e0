import pytest
import yaml

from nlu.calibration.decision import RiskTarget
from nlu.errors import InputError
from nlu.text.perturbation import PERTURBATIONS
from nlu.training.config import load_config


def write(tmp_path, content):
    path = tmp_path / "config.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path=None, *overrides):
    with pytest.raises(InputError) as caught:
        load_config(path, overrides)
    return str(caught.value)


def test_the_defaults_are_complete_and_train_sophie():
    config = load_config()
    assert config.corpus.path == "datasets/sophie"
    assert config.encoder.source == "embedded"
    assert set(config.augmentation.rates) <= set(PERTURBATIONS)
    assert config.decision.target() == RiskTarget()


def test_a_file_changes_only_what_it_says(tmp_path):
    path = write(tmp_path, "optimisation: {epochs: 2}\naugmentation: {rates: {upper: 0.5}}\n")
    config, default = load_config(path), load_config()
    assert config.optimisation.epochs == 2
    assert config.optimisation.batch_size == default.optimisation.batch_size
    assert config.augmentation.rates == default.augmentation.rates | {"upper": 0.5}
    assert config.corpus == default.corpus


@pytest.mark.parametrize("content", ["", "# nothing\n"])
def test_an_empty_file_is_the_defaults(tmp_path, content):
    assert load_config(write(tmp_path, content)) == load_config()


def test_an_override_wins_over_the_file_and_the_last_over_the_first(tmp_path):
    path = write(tmp_path, "optimisation: {epochs: 2, seed: 5}")
    config = load_config(path, ("optimisation.epochs=3", "optimisation.epochs=4"))
    assert (config.optimisation.epochs, config.optimisation.seed) == (4, 5)


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("optimisation.learning_rate=2e-4", "optimisation", "learning_rate", 2e-4),
        ("augmentation.enabled=false", "augmentation", "enabled", False),
        ("corpus.out_of_scope_label=null", "corpus", "out_of_scope_label", None),
        ("encoder.source=org/model=v2", "encoder", "source", "org/model=v2"),
        (" hardware.precision = bf16", "hardware", "precision", "bf16"),
        ("encoder.prefix='query: '", "encoder", "prefix", "query: "),
    ],
)
def test_an_override_is_read_as_yaml(override, section, key, value):
    assert getattr(getattr(load_config(None, (override,)), section), key) == value


def test_exponents_in_a_file_are_numbers_too(tmp_path):
    path = write(tmp_path, "optimisation: {learning_rate: 1e-3}")
    assert load_config(path).optimisation.learning_rate == 1e-3


def test_a_name_that_looks_like_a_number_stays_a_name_when_quoted(tmp_path):
    path = write(tmp_path, 'corpus: {text_column: "0", label_column: "1"}')
    assert load_config(path).corpus.text_column == "0"
    assert load_config(None, ("corpus.text_column='0'",)).corpus.text_column == "0"


def test_a_configuration_written_out_reads_back_the_same(tmp_path):
    config = load_config(None, ("corpus.path=données", "augmentation.rates.upper=0.25"))
    text = config.to_yaml()
    assert load_config(write(tmp_path, text)) == config
    assert "données" in text
    assert list(yaml.safe_load(text))[:2] == ["corpus", "encoder"]


def test_an_unknown_key_of_a_file_is_named_with_those_known(tmp_path):
    path = write(tmp_path, "optimisation: {epoch: 3}")
    message = refused(path)
    assert f"{path}: unknown key optimisation.epoch; known: " in message
    assert "epochs" in message


def test_an_unknown_key_of_an_override_is_named_with_the_option():
    message = refused(None, "optimizer.epochs=3")
    assert "--set optimizer.epochs=3: unknown key optimizer; known: corpus, encoder" in message


def test_an_override_without_a_value_shows_how_to_write_one():
    assert "--set optimisation.epochs: write key=value" in refused(None, "optimisation.epochs")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("optimisation.epochs", "0"),
        ("optimisation.epochs", "many"),
        ("optimisation.learning_rate", "-1"),
        ("optimisation.learning_rate", ".inf"),
        ("optimisation.layer_decay", "1.5"),
        ("encoder.max_length", "4"),
        ("decision.answer_risk", "0"),
        ("decision.in_scope_rejection", "1"),
        ("augmentation.clean_share", "1.1"),
        ("augmentation.rates.sms", "2"),
        ("augmentation.rates.cedilla", "0.2"),
        ("corpus.path", "2024"),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_its_key(key, value):
    assert key.removesuffix(".sms").removesuffix(".cedilla") in refused(None, f"{key}={value}")


def test_an_accepted_choice_is_listed_when_another_is_given():
    message = refused(None, "hardware.precision=int8")
    assert all(choice in message for choice in ("auto", "fp32", "bf16", "fp16"))
    message = refused(None, "augmentation.rates.cedilla=0.2")
    assert "'cedilla': one of accents, punctuation" in message


def test_a_wrong_value_of_a_file_names_the_file(tmp_path):
    path = write(tmp_path, "optimisation: {epochs: 0}")
    assert str(path) in refused(path)


def test_a_wrong_value_of_an_override_names_the_option_and_neither_the_file_nor_the_defaults(
    tmp_path,
):
    message = refused(None, "optimisation.epochs=0")
    assert "--set optimisation.epochs=0" in message
    assert "default settings" not in message
    path = write(tmp_path, "optimisation: {seed: 5}")
    assert str(path) not in refused(path, "optimisation.epochs=0")


def test_every_wrong_value_is_told_at_once(tmp_path):
    path = write(tmp_path, "optimisation: {epochs: 0}\nencoder: {max_length: 1}")
    message = refused(path)
    assert "optimisation.epochs" in message
    assert "encoder.max_length" in message


@pytest.mark.parametrize("content", ["a: [", "- 1\n- 2\n", "text", "optimisation:\n", "1: 2"])
def test_a_file_that_is_no_mapping_of_settings_is_an_input_error(tmp_path, content):
    path = write(tmp_path, content)
    assert str(path) in refused(path)


def test_a_missing_file_names_the_option(tmp_path):
    assert "--config" in refused(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_utf8_is_an_input_error(tmp_path):
    path = write(tmp_path, "corpus: {path: données}".encode("cp1252"))
    assert "UTF-8" in refused(path)


def test_an_override_that_is_not_yaml_names_the_option():
    assert "--set corpus.path=[a" in refused(None, "corpus.path=[a")


def test_a_section_written_twice_is_refused_and_never_half_kept(tmp_path):
    path = write(tmp_path, "optimisation: {epochs: 2}\noptimisation: {batch_size: 2}\n")
    assert "'optimisation'" in refused(path)
