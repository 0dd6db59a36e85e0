import numpy as np
import pandas as pd
import pytest

from experiments.design.cluster_frame import cluster_frame, read_cluster_frame
from experiments.errors import InputError


def read(tmp_path, text, column="zone"):
    path = tmp_path / "zones.csv"
    path.write_text(text, encoding="utf-8")
    return read_cluster_frame(path, cluster_column=column)


def test_rows_are_sorted_whole_numbers_as_numbers(tmp_path):
    assert read(tmp_path, "zone\n10\n9\n100\n").labels == ("9", "10", "100")
    assert read(tmp_path, "zone\nZ10\nZ9\n100\n").labels == ("100", "Z10", "Z9")
    assert read(tmp_path, "zone\n02\n1\n").labels == ("1", "02")


def test_spreadsheet_exports_are_read(tmp_path):
    path = tmp_path / "zones.csv"
    path.write_bytes("\ufeffzone;nom\r\nB;Être\r\nA;Œuvre\r\n\r\n".encode())
    table = read_cluster_frame(path, cluster_column="zone")
    assert table.columns == {"zone": ("A", "B"), "nom": ("Œuvre", "Être")}
    assert table.lines == (3, 2)


def test_a_frame_and_its_file_are_the_same_table(tmp_path, zones):
    from_frame = cluster_frame(zones.sample(frac=1, random_state=3), cluster_column="zone")
    path = tmp_path / "zones.csv"
    path.write_text(from_frame.to_csv(), encoding="utf-8")
    from_file = read_cluster_frame(path, cluster_column="zone")
    assert from_file.columns == from_frame.columns
    assert from_file.labels == from_frame.labels
    assert np.array_equal(
        from_file.numbers("flats", purpose="covariate"), zones["flats"].to_numpy()
    )


def test_numbers_that_became_floats_keep_their_labels():
    frame = pd.DataFrame({"zone": [2.0, 1.0], "x": [None, 1.5]})
    table = cluster_frame(frame, cluster_column="zone")
    assert table.labels == ("1", "2")
    assert table.columns["x"] == ("1.5", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("zone,x\nA,1\nA,2\n", "line 3, column zone: cluster A is already on line 2"),
        ("zone,x\nA,1\n,2\n", "line 3, column zone: no label"),
        ("zone,x\nA,1\nB\n", "line 3: 1 values for 2 columns"),
        ("zone,x,x\nA,1,1\nB,2,2\n", "column x comes twice"),
        ("nom,x\nA,1\nB,2\n", "no column zone .*; columns: nom, x"),
        ("zone,x\nA,1\n", "1 clusters"),
        ("", "no column zone"),
        ('zone,x\nA,"1\nB,2\n', "not valid CSV"),
    ],
)
def test_broken_tables_are_refused_with_their_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_broken_values_are_refused_with_their_line_and_mend(tmp_path):
    table = read(tmp_path, 'zone,x,y\nB,1,\nA,"2,5",3\n')
    with pytest.raises(InputError, match=r"line 3 \(cluster A\), column x: '2,5' .*as '\.'"):
        table.numbers("x", purpose="covariate")
    with pytest.raises(InputError, match=r"line 2 \(cluster B\), column y: the value is missing"):
        table.text("y", purpose="stratum")
    with pytest.raises(InputError, match="no column z"):
        table.text("z", purpose="stratum")


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: No such file"):
        read_cluster_frame(tmp_path / "none.csv", cluster_column="zone")
    (tmp_path / "latin.csv").write_bytes("zone\né\nA\n".encode("latin-1"))
    with pytest.raises(InputError, match="save it as CSV in UTF-8"):
        read_cluster_frame(tmp_path / "latin.csv", cluster_column="zone")
