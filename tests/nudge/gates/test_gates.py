from nudge.gates.gates import run_gates


def shut(context):
    return {gate.name for gate in run_gates(context) if not gate.passed}


def test_the_packaged_comparison_passes_every_gate(context_of):
    assert shut(context_of()) == set()


def test_the_packaged_ashtray_passes_every_gate(context_of, campaign_of):
    assert shut(context_of(campaign_of("cendrier"))) == set()


def test_the_packaged_water_report_passes_until_its_launch(context_of, campaign_of):
    campaign = campaign_of("eau")
    assert shut(context_of(campaign)) == set()
    assert shut(context_of(campaign, stage="launch")) == {"consent"}


def test_gates_come_in_the_same_order_with_distinct_names(context_of):
    names = [gate.name for gate in run_gates(context_of())]
    assert names[0] == "completeness"
    assert len(set(names)) == len(names)


def test_an_unknown_lever_is_one_reason_among_others(context_of, campaign_of):
    campaign = campaign_of(groupes__1__levier="amende", juridique__notice="")
    assert shut(context_of(campaign)) == {"message_texts", "legal_block"}
