import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.errors import InputError
from nlu.inference.engine import predict, token_batches
from nlu.inference.engine_choice import choose_engine
from nlu.inference.torch_engine import TorchEngine


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 2_000))
def test_batches_hold_every_row_once_within_the_budget(lengths, budget):
    batches = list(token_batches(lengths, token_budget=budget))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget
    in_order = [lengths[row] for batch in batches for row in batch]
    assert in_order == sorted(in_order)


def test_torch_gives_the_same_predictions_as_the_classifier(
    toy_artifact, toy_classifier, toy_texts
):
    texts = [*toy_texts, "", "😀", "long " * 300]
    engine = choose_engine(toy_artifact, "cpu")
    assert isinstance(engine, TorchEngine)
    for ours, theirs in zip(predict(engine, texts), toy_classifier.predict(texts), strict=True):
        assert (ours.intent, ours.decision, ours.reason, ours.truncated) == (
            theirs.intent, theirs.decision, theirs.reason, theirs.truncated,
        )  # fmt: skip
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-5)
        assert ours.out_of_scope == pytest.approx(theirs.out_of_scope, abs=1e-5)
    reference = toy_classifier.score(toy_texts).probabilities
    np.testing.assert_allclose(engine.scores(toy_texts), reference, atol=1e-5)


def test_the_folder_decides_which_engine_serves(toy_artifact, toy_serving, tmp_path):
    served = choose_engine(toy_serving).describe()
    assert served.runtime.startswith("onnxruntime")
    assert (served.precision, served.folder) == ("int8", str(toy_serving))
    assert choose_engine(toy_artifact, "cpu").describe().runtime.startswith("torch")
    assert choose_engine(toy_serving, threads=1).describe().device == "cpu, 1 threads"
    with pytest.raises(InputError, match="neither"):
        choose_engine(tmp_path)
    with pytest.raises(InputError, match="serving folder for the processor"):
        choose_engine(toy_serving, "cuda")


def test_serving_on_a_processor_never_imports_torch(toy_serving):
    code = (
        "import sys; from nlu.inference.engine import predict; "
        "from nlu.inference.engine_choice import choose_engine; "
        "from nlu.inference import hot_reload, micro_batching; "
        "from nlu.registry import serving_versions; "
        f"engine = choose_engine({str(toy_serving)!r}, 'cpu'); "
        "print(predict(engine, ['le bac est cassé'])[0].intent, "
        "'torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["bac_casse", "False", "False"]
