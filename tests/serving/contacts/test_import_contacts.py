from datetime import UTC, date, datetime

import polars as pl
import pytest
from sqlalchemy import select

from nudge.territory.territory import load_table
from serving.contacts.contacts_report import RefusedContactsError
from serving.contacts.import_contacts import import_contacts
from serving.contacts.kept_contacts import erase_contacts, export_contacts, purge_texts
from serving.contacts.synthetic_export import synthetic_export
from serving.contacts.vocabulary import vocabulary_in
from serving.settings import Settings
from serving.store.database import recording
from serving.store.extension_tables import crm_batch, crm_contact

DATASETS = Settings().datasets
SAMPLE = DATASETS / "contacts" / "contacts_synthetiques.csv"
VOCABULARY = vocabulary_in(DATASETS)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TITLES = "pseudonyme,date,canal,commune,theme,sous_theme,nature,delai_heures,opt_in,texte"


def write(folder, *lines, name="export.csv", titles=TITLES):
    path = folder / name
    path.write_text("\n".join((titles, *lines)) + "\n", encoding="utf-8")
    return path


def bring_in(store, path, **options):
    return import_contacts(store, path, vocabulary=VOCABULARY, now=NOW, **options)


def stored(store):
    with store.engine.connect() as connection:
        query = select(crm_contact).order_by(crm_contact.c.pseudonym, crm_contact.c.identifier)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_the_synthetic_sample_is_what_its_generator_draws():
    communes = load_table("communes", DATASETS / "territory")
    populations = dict(zip(communes.code_insee, communes.population_municipale, strict=True))
    drawn = synthetic_export(VOCABULARY.taxonomy, populations)
    assert drawn.height == 1_926
    assert drawn.write_csv() == SAMPLE.read_text(encoding="utf-8")


def test_the_sample_comes_in_once(serving_store, tmp_path):
    report = bring_in(serving_store, SAMPLE)
    assert (report.n_rows, report.n_new, report.n_known) == (1_926, 1_926, 0)
    assert bring_in(serving_store, SAMPLE).n_new == 0
    # The same contacts in another file, in another order, with a few more.
    rows = pl.read_csv(SAMPLE, infer_schema=False).reverse()
    more = rows.head(3).with_columns(pseudonyme=pl.lit("nouveau"))
    again = tmp_path / "suivant.csv"
    pl.concat([more, rows]).write_csv(again)
    report = bring_in(serving_store, again)
    assert (report.n_new, report.n_known) == (3, 1_926)
    assert len(stored(serving_store)) == 1_929


def test_equal_contacts_of_one_day_are_all_counted(serving_store, tmp_path):
    line = "u1,2026-03-02,telephone,14220,tri_dechets,,,,,"
    assert bring_in(serving_store, write(tmp_path, line, line)).n_new == 2
    third = write(tmp_path, line, line, line, name="suite.csv")
    assert bring_in(serving_store, third).n_new == 1


def test_one_faulty_row_refuses_the_whole_file_and_every_fault_is_told(serving_store, tmp_path):
    path = write(
        tmp_path,
        "u1,2026-03-02,telephone,14220,tri_dechets,,,,,",
        "0612345678,2026-02-30,tel,Paris,tri_dechets,bac_casse,signalement,-1,peut-être,",
        "Marie Dupont,2027-03-02,telephone,,bacs,,,,,",
    )
    with pytest.raises(RefusedContactsError) as caught:
        bring_in(serving_store, path)
    told = {(one.row, one.column) for one in caught.value.problems}
    assert told == {
        *((3, name) for name in ("pseudonyme", "date", "canal", "commune", "sous_theme",
                                 "nature", "delai_heures", "opt_in")),
        (4, "pseudonyme"), (4, "date"), (4, "theme"),
    }  # fmt: skip
    assert all(one.mend for one in caught.value.problems)
    assert "Dupont" not in str(caught.value)
    assert "0612345678" not in str(caught.value)
    assert stored(serving_store) == []
    with serving_store.engine.connect() as connection:
        assert connection.execute(select(crm_batch)).all() == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "titres"),
        (b"pseudonyme,date\nu1,2026-01-01\n", "canal"),
        (TITLES.encode() + b"\n", "aucun contact"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(serving_store, tmp_path, content, told):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedContactsError, match=told):
        bring_in(serving_store, path)


def test_contacts_without_theme_are_typed_from_redacted_text_that_is_forgotten(
    serving_store, tmp_path
):
    seen = []

    def classify(texts):
        seen.extend(texts)
        return ["bac_casse" if "bac" in text else None for text in texts]

    path = write(
        tmp_path,
        'u1,2026-03-02,courriel,14220,,,,,,"Mon bac est cassé.\nMarie Dupont, 06 12 34 56 78"',
        "u2,2026-03-02,courriel,14220,,,,,,Bonjour",
        "u3,2026-03-02,courriel,14220,tri_dechets,,,,,mon bac",
    )
    report = bring_in(serving_store, path, classify=classify)
    assert (report.n_classified, report.n_untyped) == (1, 1)
    assert len(seen) == 2, "a contact with a theme is not read"
    assert not any("06 12" in text for text in seen)
    rows = stored(serving_store)
    nature = {one.name: one.nature for one in VOCABULARY.taxonomy.intents}["bac_casse"]
    assert [(one["theme"], one["intent"], one["nature"], one["typed_by"]) for one in rows] == [
        ("bacs_reclamations", "bac_casse", nature, "classifieur"),
        (None, None, None, None),
        ("tri_dechets", None, None, "export"),
    ]
    assert {one["text"] for one in rows} == {None}


def test_another_model_does_not_double_a_contact(serving_store, tmp_path):
    line = "u1,2026-03-02,courriel,14220,,,,,,mon bac"
    bring_in(serving_store, write(tmp_path, line), classify=lambda texts: ["bac_casse"])
    other = write(tmp_path, line, "u2,2026-03-03,courriel,,,,,,,", name="autre.csv")
    report = bring_in(serving_store, other, classify=lambda texts: ["bac_livraison"])
    assert (report.n_new, report.n_known) == (1, 1)


def test_texts_are_kept_redacted_only_where_asked(serving_store, tmp_path):
    path = write(tmp_path, "u1,2026-03-02,courriel,,tri_dechets,,,,,Je suis Marie Dupont")
    bring_in(serving_store, path, keep_text=True)
    (row,) = stored(serving_store)
    assert row["text"]
    assert "Dupont" not in row["text"]
    with recording(serving_store) as connection:
        assert purge_texts(connection, before=date(2026, 3, 2)) == 0
        assert purge_texts(connection, before=date(2026, 3, 3)) == 1
    assert stored(serving_store)[0]["text"] is None


def test_communes_by_name_or_code_and_french_numbers(serving_store, tmp_path):
    titles = TITLES.replace(",", ";")
    path = write(
        tmp_path,
        "u1;02/03/2026;accueil;Tourgéville;;;;1,5;oui;",
        "u2;02/03/2026;accueil;villers sur mer;;;;;non;",
        "u3;02/03/2026;accueil;hors_territoire;;;;;;",
        titles=titles,
    )
    bring_in(serving_store, path)
    found = [(one["commune"], one["delay_hours"], one["opt_in"]) for one in stored(serving_store)]
    assert found == [("14701", 1.5, True), ("14754", None, False), ("hors_territoire", None, None)]


def test_a_person_may_read_and_erase_what_is_kept(serving_store, tmp_path):
    bring_in(
        serving_store,
        write(tmp_path, "u1,2026-03-02,svi,,,,,,,", "u1,2026-04-02,svi,,,,,,,",
              "u2,2026-03-02,svi,,,,,,,"),
    )  # fmt: skip
    with recording(serving_store) as connection:
        assert [one["day"] for one in export_contacts(connection, "u1")] == [
            "2026-03-02",
            "2026-04-02",
        ]
        assert erase_contacts(connection, "u1") == 2
        assert export_contacts(connection, "u1") == []
    assert [one["pseudonym"] for one in stored(serving_store)] == ["u2"]
