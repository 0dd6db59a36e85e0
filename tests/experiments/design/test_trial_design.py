from importlib import resources

import pytest

from experiments.design.trial_design import TrialDesign, load_design
from experiments.errors import InputError

FULL = """
name: Autocollants, été 2026
unit: bac
cluster: zone
size: bacs
factorial: {factors: [sticker, letter]}
strata: [habitat]
constraint: {covariates: [income, flats], score: l1, keep: 0.2, weights: {income: 2.5}}
buffers: {rule: forbid, neighbours: [[Z1, Z2]], max_contacts: 3}
categorical: [habitat]
seed: 20260315
level: 0.1
"""


def test_a_design_survives_the_round_trip_and_cannot_be_changed():
    design = TrialDesign.from_yaml(FULL)
    assert TrialDesign.from_yaml(design.to_yaml()) == design
    assert TrialDesign.from_yaml(design.to_yaml()).to_yaml() == design.to_yaml()
    with pytest.raises(ValueError, match="frozen"):
        design.seed = 3


def test_the_example_is_a_valid_design():
    text = resources.files("experiments.design").joinpath("example_design.yaml").read_text("utf-8")
    design = TrialDesign.from_yaml(text)
    assert design.strata == ("habitat",)
    assert design.covariates == ("median_income", "share_flats", "bins")


def test_ratios_are_equal_when_left_out():
    assert TrialDesign.from_yaml("{name: x, arms: [a, b, c]}").ratios == (1, 1, 1)


def test_factorial_arms_are_made_named_or_told():
    made = TrialDesign.from_yaml("{name: x, factorial: {factors: [a, b]}}")
    assert made.arms == ("00", "10", "01", "11")
    named = TrialDesign.from_yaml("{name: x, arms: [none, A, B, AB], factorial: {factors: [a, b]}}")
    assert named.factorial.carries == {"none": "00", "A": "10", "B": "01", "AB": "11"}
    told = TrialDesign.from_yaml(
        "name: x\nfactorial: {factors: [a, b], carries: {none: '00', B: '01', A: '10', AB: '11'}}"
    )
    assert told.arms == ("none", "B", "A", "AB")


@pytest.mark.parametrize(
    ("text", "field", "mend"),
    [
        ("name: x\narms: [yes, no]", "arms, item 1", "write it in quotes"),
        ("name: x\narms: [a]", "arms", "at least 2"),
        ("name: x\narms: [a, b, c, d, e, f, g, h, i]", "arms", "at most 8"),
        ("name: x\narms: [a, a]", "arms", "a comes twice"),
        ("arms: [a, b]", "name", "missing"),
        ("name: x\narms: [a, b]\nblocks: [c]", "blocks", "unknown field"),
        ("name: x\narms: [a, b]\nratios: [1, 0]", "ratios, item 2", "greater than or equal to 1"),
        ("name: x\narms: [a, b]\nratios: [1]", "ratios", "give one each"),
        ("name: x\narms: [a, b]\nlevel: 5", "level", "less than 1"),
        ("name: x\narms: [a, b]\nlevel: '0.05'", "level", "valid number"),
        ("name: x\narms: [a, b]\nseed: yes", "seed", "valid integer"),
        ("name: x\nname: y\narms: [a, b]", "name", "written twice"),
        ("- a", "", "a mapping is expected"),
        ("a: [", "", "not valid YAML"),
    ],
)
def test_slips_are_named_by_file_and_field(text, field, mend):
    with pytest.raises(InputError) as raised:
        TrialDesign.from_yaml(text, source="design.yaml")
    assert str(raised.value).startswith("design.yaml")
    assert field in str(raised.value)
    assert mend in str(raised.value)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("pairs: {column: p}\nratios: [1, 2]", "one cluster to each arm"),
        ("pairs: {}", "either column or match_on"),
        ("pairs: {column: p, match_on: [x]}", "either column or match_on"),
        ("pairs: {column: p}\nstrata: [s]", "leave strata out"),
        ("constraint: {covariates: [x]}", "either keep"),
        ("constraint: {covariates: [x], keep: 0.1, threshold: 3}", "either keep"),
        ("constraint: {covariates: [], keep: 0.1}", "at least 1"),
        ("constraint: {covariates: [x], keep: 0.1, weights: {y: 2}}", "y is not among"),
        (
            "constraint: {covariates: [x], keep: 0.1, score: mahalanobis, weights: {x: 2}}",
            "Mahalanobis distance takes none",
        ),
        (
            "constraint: {covariates: [x], keep: 0.1}\n"
            "rerandomisation: {covariates: [x], acceptance: 0.1}",
            "keep one of them",
        ),
        ("rerandomisation: {covariates: [x]}", "either acceptance"),
        ("factorial: {factors: [a, b]}", "four arms"),
        ("buffers: {rule: exclude}", "one of neighbours, column and coordinates"),
        ("buffers: {rule: exclude, column: n, distance: 3}", "go together"),
        ("buffers: {rule: forbid, column: n}", "max_contacts goes with"),
        ("buffers: {rule: exclude, column: n, max_contacts: 2}", "max_contacts goes with"),
        (
            "buffers: {rule: exclude, coordinates: {latitude: a, x: b}, distance: 3}",
            "either latitude and longitude",
        ),
        ("strata: [cluster]", "holds the cluster labels"),
    ],
)
def test_rules_that_contradict_each_other_are_refused(section, message):
    with pytest.raises(InputError, match=message):
        TrialDesign.from_yaml(f"name: x\narms: [a, b]\n{section}")


@pytest.mark.parametrize(
    ("factorial", "message"),
    [
        ("{factors: [a, a]}", "two different factors"),
        ("{factors: [a, b], carries: {c: '00', d: '10', e: '10', f: '11'}}", "one arm each"),
        ("{factors: [a, b], carries: {d: '10', c: '00', e: '01', f: '11'}}", "carries 00"),
    ],
)
def test_factorial_cells_are_checked(factorial, message):
    with pytest.raises(InputError, match=message):
        TrialDesign.from_yaml(f"name: x\nfactorial: {factorial}")


def test_pairs_are_built_for_two_arms_only():
    with pytest.raises(InputError, match="matched sets of 3 clusters"):
        TrialDesign.from_yaml("name: x\narms: [a, b, c]\npairs: {match_on: [x]}")


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml: No such file"):
        load_design(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("name: été".encode("latin-1"))
    with pytest.raises(InputError, match="save it as UTF-8"):
        load_design(tmp_path / "latin.yaml")
