# Reference numbers of tests/experiments/analysis/test_randomisation_inference.py, as JSON.
# Run: Rscript tests/experiments/references/zone_randomisation.R > .../zone_randomisation.json
# Base R only: t.test recomputed for every one of the choose(10, 4) allocations, and p at effects
# on a bisected line; sign flips of pairs for the matched design.
suppressMessages(library(jsonlite))
g <- 1:10
y <- 20 + 5 * sin(3 * g) + 2 * cos(7 * g) + ifelse(g <= 4, 4, 0)
observed <- g <= 4
sets <- combn(10, 4)

statistic <- function(values, treated, studentised) {
  d <- mean(values[treated]) - mean(values[!treated])
  if (!studentised) return(d)
  unname(t.test(values[treated], values[!treated])$statistic)
}
p <- function(effect, studentised) {
  values <- y - effect * observed
  seen <- abs(statistic(values, observed, studentised))
  all <- apply(sets, 2, function(chosen) abs(statistic(values, g %in% chosen, studentised)))
  mean(all >= seen * (1 - 1e-9))
}
end <- function(inside, outside, studentised) {
  while (abs(outside - inside) > 1e-6) {
    middle <- (inside + outside) / 2
    if (p(middle, studentised) > 0.05) inside <- middle else outside <- middle
  }
  inside
}
estimate <- mean(y[observed]) - mean(y[!observed])
figures <- function(studentised) list(
  p_value = p(0, studentised), p_at_two = p(2, studentised),
  ci_low = end(estimate, estimate - 30, studentised),
  ci_high = end(estimate, estimate + 30, studentised))

gap <- c(3.1, -0.4, 2.2, 1.7, 0.9, -1.2, 4.0, 0.3)
signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), 8)))
paired <- mean(abs(signs %*% gap) >= abs(sum(gap)) * (1 - 1e-9))
cat(toJSON(list(estimate = estimate, plain = figures(FALSE), studentised = figures(TRUE),
                paired = paired), digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
