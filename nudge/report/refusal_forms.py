"""French forms of why data refuse a method of :mod:`experiments`, by English sentence.

``{}`` stands for a number or a name; French takes them back by their place, from ``{0}``.
"""

from types import MappingProxyType

_TOO_FEW = "trop peu de zones pour estimer une variance"
_NO_SPREAD = "le critère ne varie pas assez entre zones pour être testé"
_TOO_MANY = "trop de variables pour le nombre de zones"

REFUSAL_FORMS: MappingProxyType[str, str] = MappingProxyType(
    {
        "one arm has a single cluster (clusters in each arm, the control first: {}): {}": (
            "un groupe n'a qu'une zone : son effet ne se distingue pas de ce qui est propre à "
            "cette zone (zones par groupe, témoin d'abord : {0})"
        ),
        "the draw admits no allocation but the observed one, as when every stratum holds one arm "
        "only: {}": (
            "le tirage n'admet que la répartition observée : l'effet ne se distingue pas des "
            "strates"
        ),
        "{} control and {} treated clusters: each arm needs at least two; {}": (
            "{0} zones témoins et {1} zones touchées : il en faut au moins deux par groupe"
        ),
        "{} cells of arm and stratum hold fewer than two clusters {}": (
            "des strates ont moins de deux zones d'un groupe ({0} cas) : leur variance ne s'estime "
            "pas"
        ),
        "cluster means do not vary within arms, so no standard error exists; {}": _NO_SPREAD,
        "the standard error is zero: the outcome does not vary {}": _NO_SPREAD,
        "the outcome does not vary around its fitted values; there is nothing to test": _NO_SPREAD,
        "every cluster has the same value: there is nothing to test": _NO_SPREAD,
        "every unit has the same outcome: there is nothing to adjust": _NO_SPREAD,
        "risk difference: every unit has the same outcome, strata carry no information": _NO_SPREAD,
        "variance '{}' is 0: the counts carry no information on it; {}": _NO_SPREAD,
        "the difference is the same in every pair, so no standard error exists; {}": _NO_SPREAD,
        "the regression fits every cluster mean exactly, so no standard error exists; {}": (
            _TOO_MANY
        ),
        "{} degrees of freedom are left after {} cluster-level covariates; {}": _TOO_MANY,
        "{} clusters for {} parameters leave {} degrees of freedom; {}": _TOO_MANY,
        "{} clusters and {} cluster-level columns leave no degrees of freedom; {}": _TOO_MANY,
        "{} clusters and {} parameters leave no degrees of freedom; {}": _TOO_MANY,
        "{} strata are too many for a regression with one column each; {}": (
            "{0} strates, trop pour une régression qui les compte une à une"
        ),
        "cluster {} is fitted exactly by its own parameter, so HC2 has no variance for it; {}": (
            "une zone est seule dans sa strate ou sa catégorie : sa variance ne s'estime pas"
        ),
        "{} effective degrees of freedom: one arm has too few clusters for HC2; {}": _TOO_FEW,
        "{} is a combination of the other columns: {}": (
            "une variable d'ajustement répète les autres, les strates ou les groupes"
        ),
        "'{}' is collinear with earlier columns ({}) and has no effect of its own: {}": (
            "une variable d'ajustement ou les strates déterminent le groupe"
        ),
        "{} clusters: the variance between clusters cannot be estimated; {}": _TOO_FEW,
        "{} clusters: a sandwich covariance needs {}; {}": _TOO_FEW,
        "{} clusters: a random intercept needs {}; {}": _TOO_FEW,
        "cluster {} alone carries the contrast {}": _TOO_FEW,
        "cluster {} alone determines a coefficient {}": _TOO_FEW,
        "zone-ancova: the plan has neither covariates, a baseline nor strata to adjust for; {}": (
            "ni vague de référence complète, ni strates, ni variables sur lesquelles ajuster"
        ),
        "{}: matched pairs would cost one parameter a pair{}": (
            "la méthode ne convient pas à des paires de zones"
        ),
        "{}: needs strata; {}": "la méthode demande des strates, et le tirage n'en avait pas",
        "{}: needs 0/1 values in column '{}'; {}": "la méthode ne vaut que pour des oui ou non",
        "mixed-logit: column '{}' is not 0 or 1; {}": "la méthode ne vaut que pour des oui ou non",
        "matched-pairs: the plan names no column of pairs; {}": (
            "la méthode demande des paires de zones, et le tirage n'en avait pas"
        ),
        "matched-pairs: {} levels of '{}' are not two clusters in two arms ({}); {}": (
            "des paires n'ont plus leurs deux zones, une par groupe ({2})"
        ),
        "pair {} lacks a treated or a control cluster; {}": (
            "des paires n'ont plus leurs deux zones, une par groupe ({0})"
        ),
        "{} pairs: at least {} are needed to see how the effect varies; {}": (
            "{0} paires de zones : il en faut au moins {1}"
        ),
        "no stratum holds both arms; {}": "aucune strate n'a les deux groupes à comparer",
        "no level of '{}' holds both '{}' and '{}', so {}": (
            "aucune strate n'a à la fois les groupes « {1} » et « {2} »"
        ),
        "stratum '{}' has no cluster of one of the two arms: {}": (
            "la strate « {0} » n'a pas de zone d'un des deux groupes"
        ),
        "risk ratio: one of the arms has no events; {}": "un des groupes n'a aucun cas",
        "jackknife: all events of an arm lie in one stratum; {}": (
            "tous les cas d'un groupe sont dans une même strate"
        ),
        "jackknife: {} strata are too few; {}": "{0} strates, c'est trop peu pour cette méthode",
        "cluster: some stratum has a single cluster in an arm, {}": (
            "une strate n'a qu'une zone d'un groupe : sa variance ne s'estime pas"
        ),
        "{}: every outcome is {} ({} units), so the coefficient on this link does not exist; {}": (
            "un groupe ou une catégorie n'a que des oui, ou que des non : le rapport des cotes "
            "n'existe pas"
        ),
        "the covariates separate the outcomes, so some coefficient is infinite; {}": (
            "un groupe ou une catégorie n'a que des oui, ou que des non : le rapport des cotes "
            "n'existe pas"
        ),
        "fewer units than design columns: {}": _TOO_MANY,
        "design columns are collinear: {}": "des variables d'ajustement se répètent",
        "the {} link gives fitted shares outside 0-1; {}": (
            "le modèle donne des parts hors de 0 à 100 %"
        ),
        "the GEE did not converge in {} iterations {}": "le calcul n'a pas abouti",
        "the mixed logistic regression did not converge in {} steps {}": "le calcul n'a pas abouti",
        "the mode of a cluster's random intercept was not found; {}": "le calcul n'a pas abouti",
        "an allocation has fewer than {} clusters in an arm, or in an arm of a stratum, {}": (
            "certaines répartitions possibles laissent trop peu de zones dans un groupe"
        ),
        "the arms in the data are not an admissible allocation of the declared design; {}": (
            "les groupes des zones ne sont pas une répartition que le tirage admet"
        ),
        "design {}: the arms of column '{}' are not an allocation that this draw admits; {}": (
            "les groupes des zones ne sont pas une répartition que le tirage admet"
        ),
        "multiplicity dunnett needs the arms' joint distribution: {}": (
            "la correction de Dunnett ne va pas avec cet estimateur ; celle de Holm va avec tous"
        ),
        "moderator '{}': clusters of arm '{}' at level '{}' number {}; {}": (
            "trop peu de zones du groupe « {1} » dans la catégorie « {2} » (zones : {3}) ; il en "
            "faut au moins deux par groupe"
        ),
        "moderator '{}' has one value in all clusters; {}": (
            "la caractéristique a la même valeur dans toutes les zones"
        ),
        "the characteristic follows the arms too closely to tell their effects apart": (
            "la caractéristique suit les groupes de trop près pour en séparer l'effet"
        ),
        "moderator '{}' varies inside cluster '{}'; {}": (
            "la caractéristique varie à l'intérieur d'une zone"
        ),
        "{}: arms vary inside clusters of column '{}', {}": (
            "le groupe varie à l'intérieur des zones, ce que cette méthode n'admet pas"
        ),
        "{}: levels of '{}' vary inside clusters of column '{}', {}": (
            "les strates varient à l'intérieur des zones, ce que cette méthode n'admet pas"
        ),
    }
)
