import pytest

from nudge.report.territory_meaning import territory_meaning


def rows_of(result):
    return {row.quantity: row for row in territory_meaning(result).rows}


def test_bins_tonnes_and_euros_carry_their_interval(benefit):
    rows = rows_of(benefit)
    bins = rows["bacs bien triés de plus à chaque collecte"]
    assert (bins.estimate, bins.low, bins.high) == pytest.approx((840, 240, 1452))
    # 12 000 bins x 40 collections x 4 kg = 1 920 tonnes a year.
    tonnes = rows["au plus, tonnes mal triées ou refusées évitées par an"]
    assert tonnes.estimate == pytest.approx(0.07 * 1920)
    euros = rows["au plus, euros de refus évités par an"]
    assert euros.high == pytest.approx(0.121 * 1920 * 200)
    assert bins.text().replace("\u202f", " ") == "840 (entre 240 et 1 500)"
    notes = " ".join(territory_meaning(benefit).notes)
    assert "maximum" in notes
    assert "marché de tri, 2026" in notes


def test_without_quantities_nothing_is_made_up(inconclusive):
    meaning = territory_meaning(inconclusive)
    assert meaning.rows == ()
    assert "economie" in meaning.notes[0]


def test_an_interval_on_both_sides_stays_open(benefit, changed, make):
    doubt = changed(
        benefit,
        outcomes=(changed(benefit.primary, estimates=(make["estimate"](0.02, -0.04, 0.08),)),),
    )
    assert rows_of(doubt)["bacs bien triés de plus à chaque collecte"].low < 0
    assert "ne permet pas de trancher" in " ".join(territory_meaning(doubt).notes)


def test_a_refused_share_of_mass_is_no_upper_bound(benefit, changed, make):
    refused = changed(
        benefit,
        campaign=make["campaign"](
            critere_principal="taux_refus",
            economie={"bacs_du_territoire": 12000, "collectes_par_an": 40, "kg_par_bac": 4.0},
        ),
        outcomes=(
            make["outcome"](
                [make["estimate"](-0.05, -0.08, -0.02, outcome="taux_refus")], outcome="taux_refus"
            ),
        ),
    )
    row = rows_of(refused)["tonnes mal triées ou refusées évitées par an"]
    assert (row.estimate, row.low, row.high) == pytest.approx((96, 38.4, 153.6))
    assert "maximum" not in " ".join(territory_meaning(refused).notes)


def test_one_more_good_bin_has_a_price_when_the_cost_is_known(benefit, changed, make):
    priced = changed(
        benefit,
        campaign=make["campaign"](
            groupes=[{"identifiant": "temoin", "titre": "Témoin", "temoin": True},
                     make["arm"]("carte", "Carte", cout_par_logement=1.4)],
            economie={"bacs_du_territoire": 12000},
        ),
    )  # fmt: skip
    row = rows_of(priced)["euros dépensés pour un bac amélioré de plus"]
    assert row.estimate == pytest.approx(20)
    assert row.low < row.estimate < row.high
