import numpy as np
import pytest

from experiments.engine.labels import label_codes


@pytest.mark.parametrize(
    ("values", "labels", "codes"),
    [
        (np.array([10, 2, 10]), ["2", "10"], [1, 0, 1]),
        (np.array([13.0, np.nan, 2.0]), ["2", "13"], [1, -1, 0]),
        (np.array([0.5, 10.0, 2.25]), ["0.5", "2.25", "10.0"], [0, 2, 1]),
        (np.array([True, False]), ["false", "true"], [1, 0]),
        (np.array(["True", "False"], dtype=object), ["false", "true"], [1, 0]),
        (np.array(["13.0", "2", None], dtype=object), ["2", "13"], [1, 0, -1]),
        (np.array(["10", "9", "x"], dtype=object), ["10", "9", "x"], [0, 1, 2]),
        (np.array(["02", "1"], dtype=object), ["02", "1"], [0, 1]),
        (np.array(["1.0", "1"], dtype=object), ["1", "1.0"], [1, 0]),
        (np.array([-0.0, 0.5, 0.0]), ["0.0", "0.5"], [0, 1, 0]),
        (np.array([0.0, -0.0, None], dtype=object), ["0"], [0, 0, -1]),
        (np.array([-0.0, 0.5, None], dtype=object), ["0.0", "0.5"], [0, 1, -1]),
        (np.array(["-0.0", "2.0"], dtype=object), ["0", "2"], [0, 1]),
        (np.array([-3, 2**60], dtype=object), ["-3", str(2**60)], [0, 1]),
    ],
)
def test_labels_are_sorted_text_and_codes_point_at_them(values, labels, codes):
    found, found_codes = label_codes(values)
    assert found.tolist() == labels
    assert found_codes.tolist() == codes
