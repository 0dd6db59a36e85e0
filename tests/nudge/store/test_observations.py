import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nudge.errors import CampaignError
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.store.batches import batch_of_file, batches, new_batch, record_batch
from nudge.store.event_log import events
from nudge.store.observations import count_observations, insert_observations, observations

VALUES = {
    "string": ["a", "é « ' \" ; , \\ %s \n fin"],
    "boolean": [True, False],
    "integer": [2, 1],
    "number": [0.1 + 0.2, 1e-300],
    "date": pd.to_datetime(["2027-02-28", "1999-12-31"]),
}


def read(store, **columns):
    return observations(store, campaign="bacs", instrument="controle_bac", **columns)


def test_checks_come_back_as_they_went_in(store, add_rows, make_checks):
    checks = make_checks(120)
    summary = add_rows(store, checks.iloc[50:], checks.iloc[:50])
    assert (summary.n_new, summary.n_known, summary.n_conflicts) == (120, 0, 0)
    back = read(store)
    expected = checks.sort_values("controle_id", ignore_index=True)
    expected["meteo"] = expected["meteo"].replace("", None)
    pd.testing.assert_frame_equal(back, expected, check_dtype=False)
    assert back["presente"].dtype == bool
    assert back["rang"].dtype == np.int64
    assert back["date"].dtype.kind == "M"
    assert back["meteo"].isna().sum() == 30


def test_every_instrument_keeps_odd_values_and_empty_cells(store, add_rows):
    for name, instrument in INSTRUMENTS.items():
        key = instrument.key[0]
        full = pd.DataFrame({c.name: VALUES[c.kind] for c in instrument.columns})
        bare = full.iloc[:1].assign(**dict.fromkeys(instrument.key, "nu"))
        optional = [c.name for c in instrument.columns if not c.required]
        add_rows(store, full, bare.drop(columns=optional), instrument=name)
        back = observations(store, campaign="bacs", instrument=name).set_index(key)
        for row in full.set_index(key, drop=False).itertuples():
            for column in back:
                assert back.loc[row.Index, column] == getattr(row, column)
        assert back.loc["nu", optional].isna().all()


def test_some_columns_and_an_empty_campaign(store, add_rows, make_checks):
    add_rows(store, make_checks(3))
    assert list(read(store, columns=["couleur", "zone_id"])) == ["couleur", "zone_id"]
    nothing = observations(store, campaign="autre", instrument="comptage_site")
    assert list(nothing) == list(INSTRUMENTS["comptage_site"].column_names)
    assert len(nothing) == 0
    assert nothing["bulletins"].dtype == "Int64"
    assert count_observations(store, campaign="bacs") == {"controle_bac": 3}


def test_the_same_rows_again_are_known_and_left(store, add_rows, make_checks):
    first = add_rows(store, make_checks(200))
    again = add_rows(store, make_checks(300, start=100), file_name="b.csv")
    assert (again.n_new, again.n_known) == (200, 100)
    assert again.digest != first.digest
    assert len(read(store)) == 400
    twice = pa.concat_tables([pa.Table.from_pandas(make_checks(5, start=900))] * 2)
    summary = add_rows(store, twice, twice, file_name="c.csv")
    assert (summary.n_new, summary.n_known) == (5, 15)


def test_the_digest_follows_the_content_and_not_the_types(
    store, add_rows, make_checks, add_campaign
):
    add_campaign(store, "copie")
    frame = make_checks(40)
    arrow = pa.Table.from_pandas(frame.astype({"zone_id": "category", "rang": float}))
    digests = {
        add_rows(store, frame).digest,
        add_rows(store, arrow.slice(0, 7), arrow.slice(7), campaign="copie").digest,
    }
    assert len(digests) == 1


def test_a_known_key_with_other_content_is_a_conflict(store, add_rows, make_checks):
    add_rows(store, make_checks(50))
    other = make_checks(60)
    other.loc[7, "couleur"] = "orange"
    clash = pd.concat([make_checks(1, start=500), make_checks(1, start=500).assign(meteo="vent")])
    with store.engine.connect() as connection:
        batch = new_batch(
            connection, campaign="bacs", instrument="controle_bac", file_name="b", sha256="b"
        )
        summary = insert_observations(
            connection,
            campaign="bacs",
            instrument="controle_bac",
            batch_id=batch,
            chunks=[other, clash],
        )
        with pytest.raises(ValueError, match="conflicts"):
            record_batch(connection, batch, summary)
    found = [(conflict.key, conflict.batch_id) for conflict in summary.conflicts]
    assert found == [({"controle_id": "c7"}, 1), ({"controle_id": "c500"}, None)]
    assert (summary.n_new, summary.n_known, summary.n_conflicts) == (11, 49, 2)
    assert len(read(store)) == 50


def test_the_same_key_in_two_campaigns_is_no_conflict(store, add_rows, make_checks, add_campaign):
    add_campaign(store, "autre")
    add_rows(store, make_checks(5))
    assert add_rows(store, make_checks(5).assign(meteo="vent"), campaign="autre").n_new == 5
    assert set(read(store)["meteo"].dropna()) == {"sec"}


def test_a_batch_is_recorded_with_its_file_and_event(store, add_rows, make_checks):
    summary = add_rows(store, make_checks(10), file_name="relevés mai.csv")
    (event,) = events(store, kind="import")
    assert event.payload["digest"] == summary.digest
    assert event.payload["file_name"] == "relevés mai.csv"
    (batch,) = batches(store, "bacs")
    assert batch_of_file(store, "bacs", "controle_bac", batch.sha256) == batch
    assert (batch.n_rows, batch.n_new) == (10, 10)
    assert batch_of_file(store, "bacs", "comptage_bacs", batch.sha256) is None


def test_what_a_column_does_not_admit_is_refused_in_french(store, add_rows, make_checks):
    checks = make_checks(2)
    for column, values, says in [
        ("zone_id", ["r1", None], "obligatoire"),
        ("zone_id", ["r1", ""], "obligatoire"),
        ("meteo", ["sec", "sec\x1fvent"], "contrôle"),
        ("rang", [1, 1.5], "« rang »"),
        ("date", ["2027-05-10", "demain"], "« date »"),
        ("date", [1, "demain"], "mêlées"),
    ]:
        with pytest.raises(CampaignError, match=says):
            add_rows(store, checks.assign(**{column: values}))
    assert len(read(store)) == 0


def test_a_column_that_the_instrument_has_not_is_refused(store, add_rows, make_checks):
    with pytest.raises(ValueError, match="adresse"):
        add_rows(store, make_checks(3).assign(adresse="1 rue du Port"))
