"""French names of estimators, scales, channels and zone characteristics."""

from types import MappingProxyType

ESTIMATOR_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {
        "zone-t": "moyennes de zones, test t",
        "zone-welch": "moyennes de zones, variances inégales",
        "zone-weighted": "moyennes de zones pondérées",
        "zone-ancova": "moyennes de zones ajustées sur la référence",
        "matched-pairs": "paires de zones",
        "randomization": "test de randomisation sur les tirages possibles",
        "ols-cr0": "moindres carrés, variance de grappes CR0",
        "ols-cr1": "moindres carrés, variance de grappes CR1",
        "ols-cr1s": "moindres carrés, variance de grappes CR1S",
        "ols-cr2": "moindres carrés, variance de grappes CR2",
        "ols-cr3": "moindres carrés, variance de grappes CR3",
        "wild-webb": "rééchantillonnage par grappes (Webb)",
        "wild-rademacher": "rééchantillonnage par grappes (Rademacher)",
        "gee-md": "équations d'estimation, variance de Mancl-DeRouen",
        "gee-kc": "équations d'estimation, variance de Kauermann-Carroll",
        "gee-fg": "équations d'estimation, variance de Fay-Graubard",
        "gee-mbn": "équations d'estimation, variance de Morel",
        "gee-robust": "équations d'estimation, variance robuste",
        "mixed-logit": "régression logistique à effet de zone",
        "mantel-haenszel": "différence par strates (Mantel-Haenszel)",
        "mantel-haenszel-ratio": "rapport par strates (Mantel-Haenszel)",
    }
)
SCALE_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {
        "difference": "différence",
        "ratio": "rapport des niveaux",
        "log_ratio": "logarithme du rapport",
        "odds_ratio": "rapport des cotes",
        "log_odds_ratio": "logarithme du rapport des cotes",
        "cohens_h": "h de Cohen",
        "hedges_g": "g de Hedges",
        "number_needed_to_treat": "nombre d'unités à toucher pour une de mieux",
    }
)
CHANNEL_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {
        "carte_porte": "carte à la porte",
        "chat": "messagerie de Sophie",
        "email": "courriel",
        "sms": "SMS",
        "marquage_sol": "marquage au sol",
        "mobilier": "mobilier urbain",
        "reseaux": "réseaux sociaux",
        "porte_a_porte": "porte-à-porte",
    }
)
VARIABLE_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {
        "n_logements": "logements par zone",
        "n_residences_secondaires": "résidences secondaires par zone",
        "part_residences_secondaires": "part de résidences secondaires",
        "niveau_reference": "niveau de référence du critère",
        "type_habitat": "type d'habitat",
        "commune": "commune",
    }
)
LEVEL_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {"mean": "à la valeur moyenne", "slope": "pour une unité de plus"}
)


def estimator_name(estimator: str) -> str:
    """Return the French name of an estimator, its code where there is none."""
    return ESTIMATOR_NAMES.get(estimator, estimator)


def reference_text(reference: str) -> str:
    """Return the papers behind an estimator, joined as French joins them."""
    return reference.replace("; ", " ; ").replace(" & ", " et ")


def variable_name(variable: str) -> str:
    """Return the French name of a zone characteristic, its column name where there is none."""
    return VARIABLE_NAMES.get(variable, variable.replace("_", " "))
