import pandas as pd
import pytest
from pypdf import PdfReader

from nudge.errors import CampaignError
from nudge.sheets.write_sheets import write_sheets


def pages(path):
    return [" ".join(page.extract_text().split()) for page in PdfReader(path).pages]


def test_each_round_has_a_sheet_a_second_rating_and_files_to_fill_in(campaign, zones, tmp_path):
    written = write_sheets(campaign, "référence", tmp_path, zones=zones, xlsx=True)
    names = {str(path.relative_to(tmp_path)) for path in written}
    assert names == {
        f"reference/controle_bac-tournee-{place}{kind}.{ending}"
        for place in (1, 2)
        for kind in ("", "-seconde-cotation")
        for ending in ("pdf", "csv", "xlsx")
    }
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(written)


def test_streets_come_in_walking_order_each_once_with_its_checks(campaign, zones, tmp_path):
    write_sheets(campaign, "suivi", tmp_path, zones=zones, checks_per_zone=5, csv=True)
    text = " ".join(pages(tmp_path / "suivi" / "controle_bac-tournee-1.pdf"))
    streets = [text.index(f"Rue {name} ") for name in "ABCD"]
    assert streets == sorted(streets)
    assert "Rue E" not in text
    table = pd.read_csv(tmp_path / "suivi" / "controle_bac-tournee-1.csv", sep=";")
    counts = table["zone_id"].value_counts(sort=False)
    assert dict(counts) == {
        "rue-14220-001": 5, "rue-14220-002": 3, "rue-14220-003": 5, "rue-14220-004": 5,
    }  # fmt: skip


def test_every_page_says_what_the_assessor_needs(campaign, zones, tmp_path):
    write_sheets(campaign, "référence", tmp_path, zones=zones, synthetic=True,
                 round_names={"tournee-1": "Tournée du mardi"})  # fmt: skip
    found = pages(tmp_path / "reference" / "controle_bac-tournee-1.pdf")
    assert len(found) == 4
    for place, text in enumerate(found, start=1):
        for said in (
            "SIMULATION – Bacs jaunes", "SIMULATION : aucune mesure réelle",
            "zones synthétiques", "Tournée du mardi", "du 10 mai 2027 au 21 mai 2027", "Date",
            "Contrôleur", "Météo", "pluie", "V vert", "O orange", "R rouge", "1 verre",
            "9 autre", "Signature", f"page {place} / 4",
        ):  # fmt: skip
            assert said in text, said


def test_a_real_campaign_on_real_zones_is_not_called_simulated(campaign_with, zones, tmp_path):
    write_sheets(campaign_with(simulation=False), "suivi", tmp_path, zones=zones)
    text = " ".join(pages(tmp_path / "suivi" / "controle_bac-tournee-1.pdf"))
    assert "SIMULATION" not in text
    assert "synthétique" not in text


def test_sheets_say_nothing_of_the_arms(campaign, campaign_with, zones, tmp_path):
    write_sheets(campaign, "suivi", tmp_path / "a", zones=zones)
    arms = [
        {"identifiant": "calendrier", "titre": "Autre groupe", "levier": "engagement",
         "canal": "calendrier"},
        {"identifiant": "sans", "titre": "Personne", "temoin": True},
    ]  # fmt: skip
    write_sheets(campaign_with(groupes=arms), "suivi", tmp_path / "b", zones=zones)
    for path in (tmp_path / "a").rglob("*.*"):
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert path.read_bytes() == other.read_bytes()
    text = " ".join(pages(tmp_path / "a" / "suivi" / "controle_bac-tournee-1.pdf")).casefold()
    assert not any(word in text for word in ("témoin", "temoin", "carte", "groupe"))


def test_the_same_sheets_are_written_whatever_the_order_of_the_zones(campaign, zones, tmp_path):
    write_sheets(campaign, "suivi", tmp_path / "a", zones=zones)
    write_sheets(campaign, "suivi", tmp_path / "b", zones=zones.iloc[::-1])
    for path in (tmp_path / "a").rglob("*.*"):
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert path.read_bytes() == other.read_bytes()


def test_a_sheet_is_accessible_french_and_dated_by_its_wave(campaign, zones, tmp_path):
    write_sheets(campaign, "suivi", tmp_path, zones=zones)
    reader = PdfReader(tmp_path / "suivi" / "controle_bac-tournee-2.pdf")
    root = reader.trailer["/Root"]
    assert root["/Lang"].lower().startswith("fr")
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata.title.startswith("Contrôle visuel d'un bac – tournee-2")
    assert reader.metadata.creation_date.date().isoformat() == "2027-06-14"
    assert reader.metadata.modification_date == reader.metadata.creation_date
    width, height = reader.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)


def test_names_are_never_read_as_markup(campaign, zones, tmp_path):
    odd = zones.assign(nom='#panic() $x$ *gras* <a> "rue" \\ @ref')
    write_sheets(campaign, "suivi", tmp_path, zones=odd)
    text = " ".join(pages(tmp_path / "suivi" / "controle_bac-tournee-1.pdf"))
    assert '#panic() $x$ *gras* <a> "rue" \\ @ref' in text


def test_second_ratings_are_a_tenth_and_match_their_file(campaign, zones, tmp_path):
    write_sheets(campaign, "suivi", tmp_path, zones=zones, checks_per_zone=20)
    stem = tmp_path / "suivi" / "controle_bac-tournee-1"
    second = pd.read_csv(f"{stem}-seconde-cotation.csv", sep=";")
    first = pd.read_csv(f"{stem}.csv", sep=";")
    assert len(first) == 63
    assert len(second) == 7
    assert set(second["rang"]) == {2}
    assert set(second["controle_id"].str.removesuffix(".2")) <= set(first["controle_id"])
    text = " ".join(pages(f"{stem}-seconde-cotation.pdf"))
    assert "seconde cotation" in text
    assert "qui n'a pas vu la première fiche" in text


@pytest.mark.parametrize(
    ("family", "outcome", "instrument", "asked"),
    [
        ("incivilites", "megots_au_sol", "comptage_site", "Mégots au sol"),
        ("incivilites", "pav_deborde", "remplissage_pav", "Débordement"),
        ("incivilites", "depots_sauvages", "depot_sauvage", "Dépôts"),
        ("qualite", "bac_bien_trie_agrege", "comptage_bacs", "Orange"),
    ],
)
def test_other_instruments_list_the_zones_on_one_sheet(
    campaign_with, zones, tmp_path, family, outcome, instrument, asked
):
    other = campaign_with(famille=family, critere_principal=outcome)
    write_sheets(other, "suivi", tmp_path, zones=zones, csv=False)
    found = pages(tmp_path / "suivi" / f"{instrument}-tournee-1.pdf")
    assert len(found) == 1
    assert all(said in found[0] for said in (asked, "Rue A", "Rue D", "Contrôleur"))
    assert not list(tmp_path.rglob("*.csv"))


def test_checks_follow_the_power_of_the_campaign(campaign_with, zones, tmp_path):
    planned = campaign_with(puissance={"niveau_attendu": 0.6, "unites_par_zone": 12})
    write_sheets(planned, "suivi", tmp_path, zones=zones)
    table = pd.read_csv(tmp_path / "suivi" / "controle_bac-tournee-2.csv", sep=";")
    assert set(table["zone_id"].value_counts()) == {12}


def test_zones_without_a_round_have_a_sheet_too(campaign, zones, tmp_path):
    bare = zones[["zone_id"]]
    write_sheets(campaign, "suivi", tmp_path, zones=bare, checks_per_zone=4)
    text = " ".join(pages(tmp_path / "suivi" / "controle_bac-sans-tournee.pdf"))
    assert all(zone in text for zone in bare["zone_id"])


def test_what_cannot_be_printed_is_told(campaign, campaign_with, zones, tmp_path):
    with pytest.raises(CampaignError, match="« référence » ou « suivi »"):
        write_sheets(campaign, "hiver", tmp_path, zones=zones)
    with pytest.raises(CampaignError, match="verrouiller"):
        write_sheets(campaign, "suivi", tmp_path, zones=zones.head(0))
    water = campaign_with(famille="quantite", critere_principal="consommation_eau")
    with pytest.raises(CampaignError, match="sur le terrain"):
        write_sheets(water, "suivi", tmp_path, zones=zones)
    assert not list(tmp_path.iterdir())
