"""Which group of communes each commune is shown in."""

import pandas as pd

from serving.cockpit.facts import SMALL_COMMUNES


def commune_groups(communes: pd.DataFrame, *, fewest_inhabitants: int) -> dict[str, str]:
    """Return the group of each INSEE code: itself, or the group of small communes.

    Parameters
    ----------
    communes
        Columns ``code_insee`` and ``population_municipale``.
    fewest_inhabitants
        Communes with fewer are shown together.
    """
    small = communes["population_municipale"] < fewest_inhabitants
    groups = communes["code_insee"].mask(small, SMALL_COMMUNES)
    return dict(zip(communes["code_insee"], groups, strict=True))
