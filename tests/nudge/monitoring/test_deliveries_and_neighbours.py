import pandas as pd
import pytest

from nudge.monitoring.deliveries import delivery_fidelity, exposed_controls, strayed

ARMS = {"a": "temoin", "b": "carte", "c": "carte", "d": "temoin"}


@pytest.fixture
def deliveries():
    return pd.DataFrame(
        [
            ("b", "carte", True, None),
            ("b", "carte", False, "absent"),
            ("b", "carte", False, "absent"),
            ("b", "carte", False, "refus"),
            ("a", "carte", True, None),
            ("a", "carte", True, None),
            ("d", "carte", False, "absent"),
        ],
        columns=["zone_id", "bras", "remis", "motif_non_remis"],
    )


def test_fidelity_counts_messages_of_the_zones_own_arm(deliveries):
    (row,) = delivery_fidelity(deliveries, arms=ARMS, nudged=["carte"]).to_dict("records")

    assert (row["remises"], row["arrivees"], row["part"]) == (4, 1, 0.25)
    assert (row["zones"], row["zones_prevues"]) == (1, 2)
    assert row["motif"] == "absent"


def test_messages_that_arrived_elsewhere_are_found(deliveries):
    found = strayed(deliveries, arms=ARMS)

    assert found.to_dict("records") == [
        {"zone_id": "a", "groupe": "temoin", "message": "carte", "remises": 2}
    ]


def test_control_zones_next_to_a_nudged_one():
    pairs = pd.DataFrame({"zone_id": ["a", "b", "d", "a"], "voisin_id": ["b", "a", "a", "x"]})

    assert exposed_controls(pairs, arms=ARMS, control="temoin") == ("a",)
