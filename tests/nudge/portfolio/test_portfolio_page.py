import re
from html import unescape

import pandas as pd
import pytest

from nudge.portfolio.page import portfolio_sections, render_portfolio
from nudge.portfolio.portfolio_folder import write_portfolio


def page_of(results):
    told = unescape(render_portfolio(results, portfolio_sections(results)))
    return told.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def several(make):
    return [
        make("rue-2027", [0.02]),
        make("carte-2028", [0.05], error=0.03),
        make("sol-2028", [0.01, 0.04]),
        make("etiquette", [0.14], grade="C"),
        make("sortie", [0.03], outcome="bac_presente"),
        make("eau-2028", [-4.0], outcome="consommation_eau", error=1.5),
    ]


def test_families_have_their_headings_and_are_never_added_up(several):
    text = page_of(several)
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", text)
    assert headings == [
        "Qualité du tri (parts comptées, en points)",
        "Participation (parts comptées, en points)",
        "Quantités (mesures, en m³)",
        "Les repères des figures",
    ]
    assert "jamais additionnées" in text
    assert text.count("<h1") == 1
    assert 'lang="fr"' in text


def test_pooled_mean_prediction_and_anchors_are_told(several):
    text = page_of(several)
    assert "Amélioration moyenne de 3 campagnes" in text
    assert "zéro n'est pas exclu" in text
    assert "Une prochaine campagne pourrait donner" in text
    assert "DellaVigna et Linos 2022" in text
    section = portfolio_sections(several)[0]
    figure = next(block for block in section.blocks if block.kind == "picture")
    assert "+1,4 points : moyenne" in figure.svg
    assert "+8,7 points : moyenne" in figure.svg
    water = next(
        block for block in portfolio_sections(several)[2].blocks if block.kind == "picture"
    )
    assert "1,4 points" not in water.svg


def test_a_campaign_without_control_has_no_improvement(several):
    row = re.search(r"<tr[^>]*><th[^>]*>Campagne etiquette.*?</tr>", page_of(several))[0]
    assert "Évolution observée : +14,0 points" in row
    assert "jamais combinée" in row
    cells = re.findall(r'class="number">([^<]*)<', row)
    assert cells == ["–", "–", "–"]


def test_simulations_are_told_apart(make):
    real, simulated = make("rue-2027", [0.02]), make("blanc", [0.08], simulation=True)
    assert "<title>Portefeuille des campagnes (dont SIMULATION)</title>" in page_of(
        [real, simulated]
    )
    only = page_of([simulated])
    assert "<title>SIMULATION – Portefeuille des campagnes</title>" in only
    assert "SIMULATION – Qualité du tri" in only
    assert "SIMULATION" not in page_of([real])


def test_tables_are_written_as_numbers(several, tmp_path):
    written = write_portfolio(several, tmp_path)
    assert (tmp_path / "portefeuille.html") in written
    table = pd.read_csv(tmp_path / "tableaux" / "famille-1-campagnes.csv")
    assert table["poids"].sum() == pytest.approx(1)
    assert table.set_index("campagne").loc["etiquette", "evolution_observee"] == pytest.approx(0.14)
    assert pd.isna(table.set_index("campagne").loc["etiquette", "amelioration"])
