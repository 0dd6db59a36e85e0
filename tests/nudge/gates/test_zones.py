import pandas as pd

from nudge.gates.zones import check


def what(result):
    return [problem.what.replace("\u00a0", " ") for problem in result.reasons]


def test_fewer_than_four_zones_are_refused(context_of, campaign_of):
    campaign = campaign_of(tirage__eligibilite={"nombre": 3}, tirage__strates=None)
    assert "3 zones seulement" in what(check(context_of(campaign)))[0]


def test_fewer_than_eight_zones_are_warned(context_of, campaign_of):
    campaign = campaign_of(tirage__eligibilite={"nombre": 7}, tirage__strates=None)
    result = check(context_of(campaign))
    assert result.passed
    assert any("7 zones seulement" in warning for warning in result.warnings)


def test_more_zones_than_there_are_is_refused(context_of, campaign_of):
    campaign = campaign_of(tirage__eligibilite__nombre=500)
    assert "500 zones demandées" in what(check(context_of(campaign)))[0]


def test_strata_of_one_zone_are_refused(context_of, campaign_of):
    campaign = campaign_of(tirage__strates=["commune", "type_habitat"])
    assert "de moins de 2 zones" in what(check(context_of(campaign)))[0]


def test_strata_and_balance_name_columns_of_zones(context_of, campaign_of):
    unknown = campaign_of(tirage__strates=["quartier"])
    assert what(check(context_of(unknown))) == ["colonne inconnue : « quartier »"]
    text = campaign_of(tirage__equilibre_sur=["commune"])
    assert what(check(context_of(text))) == ["« commune » n'est pas un nombre"]


def test_pairs_need_an_even_number_and_two_arms(context_of, campaign_of):
    pairs = {"tirage__strates": None, "tirage__paires_selon": ["n_logements"]}
    assert check(context_of(campaign_of(**pairs))).passed
    odd = campaign_of(**pairs, tirage__eligibilite__nombre=39)
    assert "39 zones ne forment pas des paires" in what(check(context_of(odd)))[0]
    uneven = campaign_of(**pairs, groupes__1__poids=2)
    assert "deux groupes égaux" in what(check(context_of(uneven)))[0]


def test_a_reference_level_may_come_after_the_lock_but_not_after_the_draw(context_of, campaign_of):
    campaign = campaign_of(tirage__strates=["niveau_reference"])
    planned = check(context_of(campaign))
    assert planned.passed
    assert any("niveau_reference" in warning for warning in planned.warnings)
    assert not check(context_of(campaign, stage="launch")).passed
    context = context_of(campaign)
    zones = context.zones["zone_id"]
    level = pd.Series(range(len(zones)), index=zones, dtype="float64")
    assert check(context_of(campaign, stage="launch", reference_level=level)).passed
    partial = check(context_of(campaign, stage="launch", reference_level=level.iloc[1:]))
    assert f"« niveau_reference » manque pour {zones.iloc[0]}" in what(partial)


def test_a_draw_that_its_own_rules_forbid_is_refused(context_of, campaign_of):
    campaign = campaign_of(
        tirage__debordement={"regle": "interdire", "contacts_max": 0},
        tirage__eligibilite__nombre=8,
        tirage__strates=None,
    )
    context = context_of(campaign)
    ring = context.zones["zone_id"].tolist()
    pairs = [(one, other) for one in ring for other in ring if one != other]
    crowded = pd.DataFrame(pairs, columns=["zone_id", "voisin_id"])
    assert "ne peut pas se faire" in what(check(context_of(campaign, neighbours=crowded)))[0]


def test_buffers_are_counted_out(context_of, campaign_of):
    result = check(context_of(campaign_of(tirage__debordement={"regle": "exclure"})))
    assert any("hors tirage" in fact for fact in result.facts)


def test_synthetic_zones_are_said(context_of):
    assert any("synthétiques" in fact for fact in check(context_of()).facts)


def test_groups_that_are_not_drawn_name_their_eligible_zones(context_of, campaign_of, territory):
    streets = context_of(campaign_of(tirage={"unite": "rue"})).zones["zone_id"].tolist()
    placed = {
        "conception": "appariee_non_randomisee",
        "tirage": {"unite": "rue", "eligibilite": {"zones_exclues": [streets[0]]}},
        "groupes__0__zones": streets[1:5],
    }
    fits = campaign_of(**placed, groupes__1__zones=streets[5:9])
    context = context_of(fits)
    assert check(context).passed
    assert set(context.zones["zone_id"]) == set(streets[1:9])
    barred = campaign_of(**placed, groupes__1__zones=[streets[0], *streets[5:8]])
    assert streets[0] in what(check(context_of(barred)))[0]
