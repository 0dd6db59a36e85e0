# Reference numbers of tests/experiments/analysis/test_instrumental_variables.py, as JSON.
# Run, in tests/experiments/references after ols_cluster_robust.R:
#   Rscript ols_instrumental_variables.R > ols_instrumental_variables.json
# AER::ivreg with clubSandwich CR0 and CR1S; the first-stage F is a naive F with CR1S.
suppressMessages({library(AER); library(clubSandwich); library(jsonlite)})
rows <- as.data.frame(fromJSON("ols_cluster_robust.json")$rows)
rows$letter <- 0.5 * rows$treated + 0.2 * rows$cold + 0.3 * rows$own * cos(rows$g) +
  0.1 * rows$age / 40
numbers <- function(fit) {
  out <- lapply(setNames(c("CR0", "CR1S"), c("CR0", "CR1S")), function(type)
    unname(sqrt(diag(as.matrix(vcovCR(fit, cluster = rows$g, type = type))))))
  out$beta <- unname(coef(fit))
  out
}
just <- numbers(ivreg(y ~ own + letter | own + treated, data = rows))
over <- numbers(ivreg(y ~ own + letter | own + treated + cold, data = rows))
weighted <- numbers(ivreg(y ~ own + letter | own + treated + cold, data = rows, weights = w))
blocked <- numbers(ivreg(y ~ own + letter + factor(block) | own + treated + factor(block),
                         data = rows))
first <- lm(letter ~ own + treated + cold, rows)
f <- Wald_test(first, constraints = constrain_zero(c("treated", "cold")), cluster = rows$g,
               vcov = "CR1S", test = "Naive-F")
cat(toJSON(list(just = just, over = over, weighted = weighted,
                blocked = lapply(blocked, function(x) x[2:3]), first_stage_f = f$Fstat),
           digits = NA, auto_unbox = TRUE), "\n")
