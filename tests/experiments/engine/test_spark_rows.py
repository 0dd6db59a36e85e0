import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from experiments.engine.grouped_scan import classify_columns, grouped_scan
from experiments.engine.grouped_table import fingerprint
from experiments.errors import InputError

pytest.importorskip("pyspark")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    zone = np.arange(400) % 12
    return pd.DataFrame(
        {
            "zone": zone,
            "arm": np.where(zone % 2, "nudge", "control"),
            "adult": generator.random(400) < 0.5,
            "answer": np.where(generator.random(400) < 0.3, "it's so", "no"),
            "y y": 1e6 + generator.normal(size=400),
        }
    )


@pytest.fixture(scope="module")
def frame(spark, rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("spark") / "rows.csv"
    rows.to_csv(path, index=False)
    return spark.read.csv(str(path), header=True, inferSchema=True)


ROLES = {"cluster": "zone", "arm": "arm", "factors": ["adult"]}


def test_spark_gives_the_same_table(frame, rows):
    measured = {"outcomes": ["answer", "y y"], "success": "it's so"}
    table, expected = (grouped_scan(data, **ROLES, **measured) for data in (frame, rows))
    assert table.cluster_labels.tolist() == expected.cluster_labels.tolist()
    assert table.factor_levels["adult"].tolist() == ["false", "true"]
    np.testing.assert_array_equal(table.n, expected.n)
    np.testing.assert_allclose(table.sums, expected.sums, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(table.products, expected.products, rtol=1e-12)
    assert fingerprint(table) == fingerprint(expected)
    told = {"zone": "numeric", "arm": "factor", "adult": "factor"}
    assert classify_columns(frame, list(told)) == told


def test_spark_values_that_are_missing_are_named_or_dropped(frame):
    holes = frame.selectExpr(
        "CASE WHEN zone = 3 THEN NULL ELSE zone END AS zone", "arm", "adult", "`y y`"
    )
    with pytest.raises(InputError, match=r"'zone' of the data: 34 of 400 rows are missing"):
        grouped_scan(holes, **ROLES, outcomes=["y y"])
    table = grouped_scan(holes, **ROLES, outcomes=["y y"], missing="drop")
    assert (table.n_dropped, table.n_clusters) == (34, 11)


def test_spark_numbers_out_of_range_are_shown_by_value(frame):
    with pytest.raises(
        InputError, match=r"'zone' of the data: 202 of 400 .*values '0', '1', '2', "
    ):
        grouped_scan(frame, cluster="arm", arm=None, outcomes=["zone"], outcome_range=(6, 11))
    assert frame.sparkSession.catalog.listTables() == []
