import pandas as pd
import pytest
from scipy import stats

from nudge.analysis.before_after import before_after
from nudge.outcomes.catalogue import OUTCOMES

# Orange County, Florida, 2018: newsroom.ocfl.net, October 2018. Addresses tagged, not set out,
# great, good try, oops, for weeks 1 to 8 of a pilot without control group.
ORANGE_COUNTY = (
    (477, 159, 100, 161, 57),
    (643, 284, 116, 173, 70),
    (633, 217, 128, 212, 76),
    (643, 239, 151, 185, 68),
    (638, 256, 156, 183, 42),
    (643, 259, 172, 177, 32),
    (596, 256, 176, 126, 36),
    (616, 254, 191, 125, 40),
)


def orange_county() -> pd.DataFrame:
    columns = ["n_controles", "n_non_presentes", "n_vert", "n_orange", "n_rouge"]
    table = pd.DataFrame(ORANGE_COUNTY, columns=columns)
    table["zone_id"] = "pilote"
    table["vague"] = [f"semaine-{week}" for week in range(1, 9)]
    return OUTCOMES["bac_bien_trie_agrege"].values(table)


def test_orange_county_is_described() -> None:
    weeks = [f"semaine-{week}" for week in range(1, 9)]
    found = before_after(orange_county(), outcome="y", before=weeks[:4], after=weeks[4:])
    assert found is not None
    # 31.4 % green in week 1 and 53.7 % in week 8, as the county's table gives.
    assert found.waves["moyenne"].iloc[0] == pytest.approx(100 / 318)
    assert found.waves["moyenne"].iloc[7] == pytest.approx(191 / 356)
    green = [sum(row[2] for row in rows) for rows in (ORANGE_COUNTY[:4], ORANGE_COUNTY[4:])]
    seen = [sum(sum(row[2:]) for row in rows) for rows in (ORANGE_COUNTY[:4], ORANGE_COUNTY[4:])]
    assert (found.units_before, found.units_after) == tuple(seen)
    assert found.difference == pytest.approx(green[1] / seen[1] - green[0] / seen[0])
    means = [row[2] / sum(row[2:]) for row in ORANGE_COUNTY]
    welch = stats.ttest_ind(means[4:], means[:4], equal_var=False).confidence_interval()
    assert (found.ci_low, found.ci_high) == pytest.approx((welch.low, welch.high))


def test_one_wave_a_side_has_no_interval() -> None:
    found = before_after(
        orange_county(), outcome="y", before=["semaine-1"], after=["semaine-2", "semaine-3"]
    )
    assert found is not None
    assert found.ci_low is None
    assert found.ci_high is None


def test_a_side_without_measures_gives_nothing() -> None:
    assert (
        before_after(orange_county(), outcome="y", before=["jamais"], after=["semaine-2"]) is None
    )
