# Reference numbers of tests/experiments/analysis/test_adjusted_means.py, as JSON.
# Run: Rscript tests/experiments/references/zone_adjusted_means.R > .../zone_adjusted_means.json
# glm without the arm, then mean residual and log ratio of observed to expected by cluster.
suppressMessages(library(jsonlite))
size <- 20 + (37 * 1:8) %% 30
cluster <- rep(1:8, size)
unit <- unlist(lapply(size, seq_len))
age <- 20 + (7 * unit + 3 * cluster) %% 50
house <- (unit + cluster) %% 3
score <- sin(1.3 * unit) + 0.03 * age + 0.4 * house + cos(cluster)
sorted <- as.numeric(score > 1.6)
bags <- floor(pmax(0, 2 * score))

one <- function(y, family) {
  fit <- glm(y ~ age + factor(house), family = family, control = glm.control(epsilon = 1e-14))
  list(coefficients = unname(coef(fit)),
       difference = as.vector(tapply(y - fitted(fit), cluster, mean)),
       log_ratio = log(as.vector(tapply(y, cluster, sum) / tapply(fitted(fit), cluster, sum))))
}
cat(toJSON(list(gaussian = one(score, gaussian()), binomial = one(sorted, binomial()),
                poisson = one(bags, poisson())),
           digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
