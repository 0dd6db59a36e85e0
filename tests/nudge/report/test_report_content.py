"""Order of the report, words of its parts, and what it does not show."""

import pytest

from nudge.report.compose import compose
from nudge.report.document import Bullets, Paragraph, Picture, Subheading
from nudge.report.evidence_grade import grade_words
from nudge.report.html import render_html
from nudge.report.wording import p_phrase, wave_title

ORDER = [
    "effet", "territoire", "autres-criteres", "parcours", "equilibre", "robustesse", "non-vu",
    "ecarts", "methodes", "consort", "glossaire", "empreintes",
]  # fmt: skip


@pytest.fixture(scope="module")
def report(benefit):
    return compose(benefit)


def tables(report):
    return {table.key: table for table in report.tables()}


def section(report, key):
    return next(part for part in report.sections if part.key == key)


def words(part):
    found = []
    for block in part.blocks:
        if isinstance(block, Paragraph | Subheading):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += block.items
    return " ".join(found)


def test_parts_come_in_the_order_officials_read(report):
    assert [part.key for part in report.sections] == ORDER
    assert report.answer[0].startswith("Sur 100 bacs")
    assert (report.grade, report.decisions[0].action) == ("A", "Déployer")
    assert report.decision_note.endswith("la décision reste aux élus.")


def test_small_cells_are_hidden_in_tables_figures_and_csv(benefit, changed, make):
    few = make["levels"]({"temoin": (0.6, 0.61, 0.62, 0.615)}) + make["levels"](
        {"carte": (0.59, 0.876, 0.67, 0.68)}, units=4
    )
    hidden = compose(changed(benefit, outcomes=(changed(benefit.primary, levels=few),)))
    table = tables(hidden)["niveaux-bac_bien_trie"]
    rows = [row for row in table.rows if row[1] == "Carte de comparaison"]
    assert len(rows) == 4
    assert all(row[2:] == ("non montré (moins de 5)", "–", "–") for row in rows)
    assert set(table.data["groupe"]) == {"temoin"}
    picture = next(
        block
        for block in section(hidden, "effet").blocks
        if isinstance(block, Picture) and block.key == "figure-niveaux"
    )
    assert "87,6" not in picture.alt
    assert "Carte de comparaison : non montré" in picture.alt


def test_a_subgroup_of_few_zones_is_hidden(report):
    table = tables(report)["selon-type_habitat"]
    assert table.rows[0][0] == "collectif"
    assert "non montré (moins de 5)" in table.rows[0]
    assert list(table.data["niveau"]) == ["pavillonnaire"]


def test_few_units_of_a_step_are_not_counted_out(report):
    table = tables(report)["parcours"]
    last = table.rows[-1]
    assert last[-1] == "19\u00a0zones (moins de 5)"
    assert table.rows[0][1] == "52\u00a0zones"
    written = table.data.query("etape == 'analysees' and groupe == 'carte'")
    assert written["unites"].isna().all()


def test_waves_of_few_zones_are_left_out(benefit, changed, make):
    small = make["estimate"](0.3, 0.1, 0.5, n_clusters={"temoin": 20, "carte": 4})
    waves = {**benefit.primary.by_wave, "septembre": (small,)}
    found = tables(compose(changed(benefit, outcomes=(changed(benefit.primary, by_wave=waves),))))
    assert [row[0] for row in found["vagues"].rows] == ["juin"]


def test_secondary_outcomes_stand_by_family_with_the_corrected_p(report):
    part = section(report, "autres-criteres")
    assert [block.text for block in part.blocks if isinstance(block, Subheading)] == [
        "Participation"
    ]
    told = words(part)
    assert "La participation n'est pas la qualité du tri." in told
    assert "environ 42 fois sur 100, après correction pour le nombre de critères" in told
    assert "ne permet pas de trancher" in told
    table = tables(report)["critere-bac_presente"]
    assert table.headers[-1] == "p corrigé"
    assert table.rows[0][-1] == "0,42"


def test_other_methods_are_shown_whatever_they_say(report):
    table = tables(report)["robustesse"]
    assert [row[1] for row in table.rows] == [
        "moyennes de zones ajustées sur la référence",
        "test de randomisation sur les tirages possibles",
        "équations d'estimation, variance de Mancl-DeRouen",
    ]
    told = words(section(report, "robustesse"))
    assert "un écart plus grand que la marge n'est pas exclu" in told
    assert "quelle que soit la zone retirée" in told
    assert "8\u00a0zones témoins à côté" in told


def test_what_could_not_be_seen_is_said(report):
    told = words(section(report, "non-vu"))
    assert "plus petit que 5,8\u00a0points" in told
    assert "deux contrôleurs seulement" in told
    assert "ne voit que le dessus du bac" in told


def test_deviations_and_fingerprints_are_listed(report):
    found = tables(report)
    assert found["ecarts"].rows == (("écart", "1 zone perdue sur 20 dans le groupe carte.", "non"),)
    assert ("Plan", "a" * 64) in found["empreintes"].rows
    assert ("Graine du tirage", "20270517") in found["empreintes"].rows


def test_numbers_behind_tables_are_not_rounded(report):
    data = tables(report)["effet"].data
    assert data.loc[0, "borne_haute"] == pytest.approx(0.121, abs=1e-12)
    assert tables(report)["equilibre"].data.loc[1, "carte"] == pytest.approx(0.398)


def test_the_glossary_explains_only_what_is_used(report, orange_county):
    def explained(told):
        return {word for word, _ in section(told, "glossaire").blocks[0].items}

    assert {"Groupe témoin", "Intervalle", "p corrigé", "Tirage au sort"} <= explained(report)
    uncontrolled = explained(compose(orange_county))
    assert "Avant/après" in uncontrolled
    assert not {"Groupe témoin", "p", "Tirage au sort"} & uncontrolled


def test_a_number_to_reach_is_undefined_when_zero_is_not_excluded(benefit, changed, make):
    open_ended = make["estimate"](50.0, float("-inf"), float("inf"), scale="number_needed_to_treat")
    found = changed(benefit, outcomes=(changed(benefit.primary, other_scales=(open_ended,)),))
    row = tables(compose(found))["autres-echelles"].rows[0]
    assert row[2:] == ("–", "non défini, zéro n'étant pas exclu")


def test_an_effect_by_a_share_is_told_for_ten_points(benefit, changed):
    number = changed(
        benefit.heterogeneity[0],
        moderator="part_residences_secondaires",
        kind="number",
        effects=(
            changed(benefit.heterogeneity[0].effects[1], level="slope", estimate=-0.58,
                    ci_low=-0.86, ci_high=-0.3),
        ),
    )  # fmt: skip
    table = tables(compose(changed(benefit, heterogeneity=(number,))))
    row = table["selon-part_residences_secondaires"].rows[0]
    assert (row[0], row[2]) == ("pour 10 points de plus", "−5,8\u00a0points")


def test_a_ratio_keeps_its_side_of_one(benefit, changed, make):
    close = make["estimate"](1.02, 1.003, 1.04, scale="ratio")
    found = changed(benefit, outcomes=(changed(benefit.primary, other_scales=(close,)),))
    assert tables(compose(found))["autres-echelles"].rows[0][-1] == "de 1,003 à 1,040"


def test_declared_methods_that_give_ratios_are_shown_too(benefit, changed):
    (first, *_) = benefit.primary.estimates
    odds = changed(
        first, estimator="gee-md", scale="log_odds_ratio", estimate=0.7, ci_low=0.4, ci_high=1.0,
        std_error=0.15,
    )  # fmt: skip
    primary = changed(benefit.primary, robustness=(*benefit.primary.robustness, odds))
    shown = compose(changed(benefit, outcomes=(primary, *benefit.outcomes[1:])))

    (row,) = tables(shown)["robustesse-rapports"].rows

    assert "Mancl-DeRouen" in row[1]
    assert row[2:5] == ("rapport des cotes", "2,01", "de 1,49 à 2,72")
    assert "robustesse-rapports" not in tables(compose(benefit))


def test_levels_that_must_all_be_hidden_fill_no_table(benefit, changed, make):
    few = make["levels"]({"temoin": (0.6, 0.61, 0.62, 0.615)}, units=4)
    hidden = compose(changed(benefit, outcomes=(changed(benefit.primary, levels=few),)))
    assert "niveaux-bac_bien_trie" not in tables(hidden)
    assert any("moins de 5" in getattr(b, "text", "") for b in section(hidden, "effet").blocks)


def test_a_grade_claims_no_cause_for_what_chance_explains(benefit, changed):
    for grade in ("A", "B"):
        assert "hasard n'explique pas" in grade_words(changed(benefit, grade=grade)).allows


def test_remarks_of_the_tool_are_told_in_french(report):
    told = words(section(report, "methodes"))
    assert "lignes écartées parce qu'une valeur y manque : 5 sur 500" in told
    assert "dropped" not in told


def test_a_method_that_failed_is_named_in_words(benefit, changed):
    text = "L'estimateur de robustesse « gee-md » n'a pas pu être calculé."
    outcome = changed(benefit.primary, not_estimable=(text,))
    told = compose(changed(benefit, outcomes=(outcome, *benefit.outcomes[1:])))
    assert "« équations d'estimation, variance de Mancl-DeRouen »" in words(section(told, "non-vu"))


@pytest.mark.parametrize(
    ("p_value", "told"), [(0.0004, "p\u00a0<\u00a00,001"), (0.021, "p\u00a0=\u00a00,021")]
)
def test_a_p_in_a_sentence_is_never_equal_to_smaller_than(p_value, told):
    assert p_phrase(p_value) == told


def test_a_simulation_decides_nothing_and_says_so_where_it_matters(three_arms, benefit):
    told = compose(three_arms)
    assert three_arms.campaign.simulation
    assert "rien n'est à décider" in told.decision_note
    assert any("ce niveau serait celui d'une vraie campagne" in one for one in told.grade_reasons)
    assert "les dates sont celles du plan" in told.warnings[0]
    assert "La réponse (simulation)" in render_html(told)
    assert "(simulation)" not in render_html(compose(benefit))


def test_large_imbalances_that_nothing_adjusts_for_are_named(benefit, changed):
    frame = benefit.balance.assign(ecart=[-0.06, 0.4, 0.31])
    told = words(section(compose(changed(benefit, balance=frame)), "equilibre"))
    assert told.endswith("sans ajustement prévu : part de résidences secondaires (0,40).")
    assert "sans ajustement prévu" not in words(section(compose(benefit), "equilibre"))


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(-0.06, 0.08, "ni d'établir ni d'écarter"), (0.01, 0.08, "Un débordement est possible")],
)
def test_a_gap_between_control_zones_gets_its_meaning(benefit, changed, make, low, high, told):
    seen = changed(benefit.exposed_neighbours, estimate=make["estimate"](0.04, low, high))
    report = compose(changed(benefit, exposed_neighbours=seen))
    assert told in words(section(report, "robustesse"))


def test_the_chance_to_miss_an_effect_is_what_the_power_says(report):
    assert "plus d'une chance sur cinq de passer inaperçu" in words(section(report, "non-vu"))


@pytest.mark.parametrize(("first", "cut"), [(0.6, True), (0.0, False)])
def test_a_figure_whose_axis_is_cut_says_so(benefit, changed, make, first, cut):
    found = make["levels"]({"temoin": (first, 0.61, 0.62, 0.615), "carte": (0.59, 0.69, 0.67, 0.7)})
    outcome = changed(benefit.primary, levels=found)
    told = section(compose(changed(benefit, outcomes=(outcome, *benefit.outcomes[1:]))), "effet")
    (picture,) = [one for one in told.blocks if getattr(one, "key", "") == "figure-niveaux"]
    assert ("ne part pas de zéro" in picture.caption) is cut


def test_codes_of_waves_and_instruments_are_words(report):
    assert [wave_title(name) for name in ("reference", "suivi-1", "mi-saison", "mai_juin")] == [
        "référence", "suivi 1", "mi-saison", "mai juin",
    ]  # fmt: skip
    assert "« Contrôle visuel d'un bac »" in words(section(report, "methodes"))
    assert "controle_bac" not in words(section(report, "methodes"))
