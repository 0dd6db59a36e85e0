"""French forms of what :mod:`experiments` may say of a trial, by English sentence.

``{}`` stands for a number or a name; French takes them back by their place, from ``{0}``.
"""

from types import MappingProxyType

# Why the recommended estimator was chosen, and what the design cannot do.
CHOICE_FORMS: MappingProxyType[str, str] = MappingProxyType(
    {
        "{} matched pairs: a paired t test on the pairs' differences": (
            "{0} paires de zones : test t apparié sur les différences des paires"
        ),
        "the draw was restricted, so the test permutes only the allocations that it admits": (
            "le tirage était restreint : le test ne compare que les répartitions qu'il admet"
        ),
        "some stratum holds a single cluster of an arm, so its variance cannot be estimated: "
        "randomisation inference within strata": (
            "une strate n'a qu'une zone d'un groupe, sa variance ne peut pas être estimée : test "
            "de randomisation dans les strates"
        ),
        "{} clusters and the average unit as estimand: regression with CR2 variance and "
        "Satterthwaite degrees of freedom": (
            "{0} zones, et l'effet voulu est celui de l'unité moyenne : régression à variance CR2, "
            "degrés de liberté de Satterthwaite"
        ),
        "{} clusters with covariates measured before the draw: analysis of covariance on cluster "
        "means": (
            "{0} zones et des mesures faites avant le tirage : analyse de covariance sur les "
            "moyennes de zones"
        ),
        "{} clusters in unequal arms: Welch's t test on cluster means does not need equal "
        "variances": (
            "{0} zones en groupes inégaux : le test t de Welch sur les moyennes de zones ne "
            "suppose pas les variances égales"
        ),
        "{} clusters: a t test on cluster means keeps its level whatever the cluster sizes and the "
        "outcome's distribution, where estimators of unit-level models do not": (
            "{0} zones : un test t sur les moyennes de zones tient son risque d'erreur quelles que "
            "soient les tailles des zones et la répartition du critère, ce que ne font pas les "
            "modèles sur les unités"
        ),
        "arms vary inside {} clusters, so clusters have no arm of their own: estimating equations "
        "weigh comparisons inside clusters as they deserve, with Mancl and DeRouen's variance": (
            "le groupe varie à l'intérieur de {0} zones : équations d'estimation, qui pèsent à "
            "leur juste poids les comparaisons faites dans une même zone, variance de "
            "Mancl-DeRouen"
        ),
        "arms vary inside {} clusters, so clusters have no arm of their own, and they are too few "
        "to estimate their correlation: regression with CR2 variance and Satterthwaite degrees of "
        "freedom": (
            "le groupe varie à l'intérieur de {0} zones, trop peu nombreuses pour estimer leur "
            "corrélation : régression à variance CR2, degrés de liberté de Satterthwaite"
        ),
        "the draw admits {} allocations, so randomisation inference cannot give a p value below "
        "{}": (
            "le tirage admet {0} répartitions : le test de randomisation ne peut pas donner de p "
            "au-dessous de {1}"
        ),
        "with {} clusters every method leans on the normality of cluster means and only very large "
        "effects can be seen; no method here keeps its level for sure": (
            "avec {0} zones, toute méthode suppose des moyennes de zones proches de la loi normale "
            "et seuls de très grands effets se voient ; aucune ne garantit son risque d'erreur"
        ),
        "with {} clusters an interval is wide; a result that does not exclude zero says little "
        "about small effects": (
            "avec {0} zones, l'intervalle est large ; un résultat qui n'exclut pas zéro dit peu "
            "des petits effets"
        ),
    }
)

# What the estimates themselves warn of, and sentences on the whole analysis.
WARNING_FORMS: MappingProxyType[str, str] = MappingProxyType(
    {
        "the influence of single clusters was not computed: it is for up to 120 clusters, or for "
        "plain cluster means with several clusters of each arm in every stratum": (
            "le poids de chaque zone n'a pas été calculé : il l'est jusqu'à 120 zones, ou pour de "
            "simples moyennes de zones quand chaque strate a plusieurs zones de chaque groupe"
        ),
        "{}: leaving out any one cluster changes no conclusion at the level": (
            "{0} : retirer une zone, quelle qu'elle soit, ne change pas la conclusion"
        ),
        "{}: leaving out {} or another alone would change the conclusion": (
            "{0} : retirer à elle seule une zone comme {1}, ou une autre, changerait la conclusion"
        ),
        "{}: leaving out {} alone would change the conclusion": (
            "{0} : retirer à elle seule une zone parmi {1} changerait la conclusion"
        ),
        "{} parameters on {} clusters leave {} degrees of freedom: the interval is wide and leans "
        "on normal residuals": (
            "{0} paramètres pour {1} zones laissent {2} degrés de liberté : l'intervalle est large "
            "et suppose des résidus normaux"
        ),
        "{} treated and {} control clusters: the t test leans on cluster means being close to "
        "normal; read randomisation inference beside it": (
            "{0} zones touchées et {1} zones témoins : le test t suppose des moyennes de zones "
            "proches de la loi normale ; lire à côté le test de randomisation"
        ),
        "Student's test with {} against {} clusters errs when the arms' variances differ; Welch's "
        "does not assume them equal": (
            "le test de Student avec {0} zones contre {1} se trompe quand les variances diffèrent "
            "entre groupes ; celui de Welch ne les suppose pas égales"
        ),
        "a few clusters hold most of the weight: the smaller arm counts as {} clusters, and the "
        "test then rejects too often": (
            "quelques zones portent l'essentiel du poids : le plus petit groupe compte comme {0} "
            "zones, et le test conclut alors trop souvent"
        ),
        "{} degrees of freedom, under {}: the t approximation is poor; use randomisation "
        "inference.": (
            "{0} degrés de liberté, moins de {1} : la loi de Student convient mal ; lire le test "
            "de randomisation"
        ),
        "{} with {} clusters rejects too often; prefer CR2 with Satterthwaite degrees of "
        "freedom.": (
            "la variance {0} avec {1} zones conclut trop souvent ; préférer CR2, degrés de liberté "
            "de Satterthwaite"
        ),
        "Left out as collinear with earlier columns: {}.": (
            "variables écartées car d'autres les déterminent : {0}"
        ),
        "Clusters {} alone carry the contrast: the variance rests on two clusters; use "
        "randomisation inference.": (
            "les zones {0} portent seules la comparaison : la variance repose sur deux zones ; "
            "lire le test de randomisation"
        ),
        "the covariates predict some units perfectly, so first-stage coefficients are not finite; "
        "adjusted means remain defined": (
            "les variables d'ajustement prédisent certaines unités sans erreur ; les moyennes "
            "ajustées restent définies"
        ),
        "no {} adjustment for this method: its p is for one comparison ({})": (
            "pas de correction de {0} pour cette méthode : son p vaut pour une seule comparaison"
        ),
        "The working correlation has no stable estimate inside its valid range; independence was "
        "used instead, which leaves the coefficients consistent.": (
            "la corrélation de travail n'a pas d'estimation stable : l'indépendance l'a remplacée, "
            "ce qui ne fausse pas les coefficients"
        ),
        "{} clusters: below the {} studied for corrected GEE t tests; compare with randomisation "
        "inference.": (
            "{0} zones : moins que les {1} pour lesquelles ces tests corrigés ont été étudiés ; "
            "comparer au test de randomisation"
        ),
        "{} clusters: the uncorrected sandwich is too small; use a correction.": (
            "{0} zones : la variance robuste non corrigée est trop petite ; en prendre une corrigée"
        ),
        "{} clusters: normal critical values reject too often; use t.": (
            "{0} zones : les seuils de la loi normale concluent trop souvent ; prendre ceux de "
            "Student"
        ),
        "Cluster sizes vary much (CV {}): Kauermann-Carroll may reject too often; Li & Redden "
        "(2015) advise Fay-Graubard.": (
            "les tailles des zones varient beaucoup (coefficient de variation {0}) : la variance "
            "de Kauermann-Carroll peut conclure trop souvent ; Li et Redden (2015) conseillent "
            "celle de Fay-Graubard"
        ),
        "'{}' holds whole numbers and the effect is a difference in means; if they are counts, "
        "--family poisson gives a ratio": (
            "« {0} » est fait de nombres entiers ; l'effet est une différence de moyennes, non un "
            "rapport"
        ),
        "{}: every outcome is {}, so its coefficient is infinite and its {} rows hold nothing on "
        "ratios of the arms; they were left out, of the counts and of the arm means too": (
            "{0} : le résultat y est partout {1}, ce qui n'apprend rien sur un rapport entre "
            "groupes ; ses {2} lignes sont écartées, des effectifs et des moyennes aussi"
        ),
        "{} strata: the jackknife variance is rough": (
            "{0} strates : la variance par « jackknife » est grossière"
        ),
        "{}: takes the units of a stratum and arm as independent; if clusters were drawn, the "
        "interval is too narrow, use variance 'jackknife'": (
            "les unités d'une strate y sont tenues pour indépendantes ; des zones ayant été "
            "tirées, l'intervalle est trop étroit"
        ),
        "{} pairs leave {} degrees of freedom, and no permutation of them can give p below {}": (
            "{0} paires laissent {1} degrés de liberté, et aucune de leurs permutations ne donne "
            "de p au-dessous de {2}"
        ),
        "{} clusters in {} blocks: the arms' means within each block are compared, one block one "
        "difference": (
            "{0} zones en {1} blocs : les moyennes des groupes sont comparées dans chaque bloc, "
            "un bloc donnant une différence"
        ),
        "{} clusters: the variance between clusters is hardly estimable; prefer zone-level or "
        "randomisation inference.": (
            "{0} zones : la variance entre zones s'estime à peine ; préférer une analyse par zones "
            "ou le test de randomisation"
        ),
        "The variance between clusters is estimated as 0: standard errors are those of independent "
        "units and are likely too small.": (
            "la variance entre zones est estimée à 0 : les erreurs types sont celles d'unités "
            "indépendantes, sans doute trop petites"
        ),
        "the plain difference in means tests the sharp null of no effect on any cluster; it may "
        "reject too often when the effect is null only on average and arms differ in size": (
            "la simple différence de moyennes teste qu'aucune zone n'a changé ; elle peut conclure "
            "trop souvent quand l'effet n'est nul qu'en moyenne et que les groupes sont inégaux"
        ),
        "an arm has a single cluster, so no standard error exists: the plain difference is used": (
            "un groupe n'a qu'une zone, il n'y a donc pas d'erreur type : la simple différence est "
            "utilisée"
        ),
        "cluster values do not vary within arms: the interval has no width and must not be read": (
            "les zones d'un même groupe ont toutes la même valeur : l'intervalle n'a pas de "
            "largeur et ne doit pas être lu"
        ),
        "the smallest p these allocations can give is {}: no result can be significant at {}, and "
        "the interval has no bounds": (
            "le plus petit p que ces répartitions peuvent donner est {0} : aucun résultat ne peut "
            "être établi au seuil de {1}, et l'intervalle n'a pas de bornes"
        ),
        "p is within two Monte Carlo standard errors ({}) of {}: draw more allocations": (
            "p est à moins de deux erreurs de simulation ({0}) du seuil de {1} : il faudrait tirer "
            "plus de répartitions"
        ),
        "no draw was declared: complete randomisation at the observed numbers is assumed": (
            "sans fichier de tirage, toutes les répartitions de mêmes effectifs sont supposées "
            "possibles"
        ),
        "no draw was declared: complete randomisation within strata at the observed numbers is "
        "assumed": (
            "sans fichier de tirage, toutes les répartitions de mêmes effectifs dans chaque strate "
            "sont supposées possibles"
        ),
        "{} levels of '{}' hold only one of the two arms and were left out ({})": (
            "strates qui n'ont qu'un des deux groupes, laissées de côté : {0} ({2})"
        ),
        "Rademacher weights with {} clusters give at most {} distinct statistics: use Webb "
        "weights.": (
            "les poids de Rademacher avec {0} zones donnent au plus {1} valeurs différentes : "
            "prendre ceux de Webb"
        ),
        "No value below the estimate can be rejected at this level: the interval is open there; "
        "use randomisation inference, or more clusters.": (
            "aucune valeur au-dessous de l'estimation ne peut être exclue : l'intervalle y est "
            "ouvert"
        ),
        "No value above the estimate can be rejected at this level: the interval is open there; "
        "use randomisation inference, or more clusters.": (
            "aucune valeur au-dessus de l'estimation ne peut être exclue : l'intervalle y est "
            "ouvert"
        ),
        "No value below or above the estimate can be rejected at this level: the interval is open "
        "there; use randomisation inference, or more clusters.": (
            "aucune valeur ne peut être exclue, ni au-dessous ni au-dessus de l'estimation : "
            "l'intervalle est ouvert des deux côtés"
        ),
        "each cluster has one row: rows count as clusters, and no correlation is estimated": (
            "chaque zone n'a qu'une ligne : aucune corrélation n'est estimée"
        ),
        "levels of '{}' vary inside every cluster of column '{}': if clusters of different strata "
        "share their names, put the stratum into the name": (
            "chaque zone compte des relevés de plusieurs strates : si des zones de strates "
            "différentes portent le même nom, la strate doit entrer dans ce nom"
        ),
        "{} of {} rows were dropped for a missing value": (
            "lignes écartées parce qu'une valeur y manque : {0} sur {1}"
        ),
        "the baseline is not adjusted for; zone-ancova does so": (
            "cette méthode n'est pas ajustée sur la vague de référence"
        ),
    }
)
