from nudge.gates import aggregation_floor, norm_figures


def test_small_streets_are_not_shown_to_themselves(context_of, campaign_of):
    campaign = campaign_of(tirage__eligibilite={"logements_min": 0})
    context = context_of(campaign)
    assert aggregation_floor.check(context).passed
    zones = context.zones.assign(n_logements=context.zones["n_logements"].replace(12, 9))
    result = aggregation_floor.check(context_of(campaign, zones=zones))
    assert "1 zone sous 10 logements" in result.reasons[0].what.replace("\u00a0", " ")


def test_too_few_expected_checks_are_refused(context_of, campaign_of):
    few = campaign_of(puissance__unites_par_zone=4)
    assert not aggregation_floor.check(context_of(few)).passed


def test_sites_without_dwellings_have_no_floor(context_of, campaign_of):
    assert aggregation_floor.check(context_of(campaign_of("cendrier"))).passed


def test_a_message_with_a_figure_names_its_outcome(context_of, campaign_of):
    result = norm_figures.check(context_of(campaign_of(groupes__1__message__chiffre_de=None)))
    assert "chiffre_de: bac_bien_trie" in result.reasons[0].mend


def test_a_computed_figure_is_not_typed(context_of, campaign_of):
    variables = {"consigne": "En vrac.", "norme.part": "80 %"}
    campaign = campaign_of(groupes__1__message__variables=variables)
    assert "il ne se tape pas" in norm_figures.check(context_of(campaign)).reasons[0].what


def test_a_figure_needs_a_measure_before_the_message(context_of, campaign_of):
    fields = campaign_of().model_dump(mode="json", by_alias=True)
    waves = [wave for wave in fields["vagues"] if wave["type"] == "suivi"]
    result = norm_figures.check(context_of(campaign_of(vagues=waves)))
    assert "rien à afficher" in result.reasons[0].what


def test_a_figure_that_is_not_measured_or_not_shown_is_refused(context_of, campaign_of):
    unmeasured = campaign_of(groupes__1__message__chiffre_de="consommation_eau")
    assert "n'est pas mesuré" in norm_figures.check(context_of(unmeasured)).reasons[0].what
    ashtray = campaign_of("cendrier", groupes__1__message__chiffre_de="megots_au_sol")
    assert "aucun chiffre" in norm_figures.check(context_of(ashtray)).reasons[0].what
