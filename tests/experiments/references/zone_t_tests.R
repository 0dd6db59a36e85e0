# Reference numbers of tests/experiments/analysis/test_cluster_means.py, as JSON.
# Run: Rscript tests/experiments/references/zone_t_tests.R > .../zone_t_tests.json
# t.test; lm with weights; sandwich HC0 by arm times n / (n - 1); estimatr with blocks.
suppressMessages({library(estimatr); library(sandwich); library(jsonlite)})
g <- 1:16
y <- 50 + 10 * sin(3 * g) + 4 * cos(5 * g) + ifelse(g %% 5 == 0, 9, 0)
treated <- as.numeric((7 * g) %% 16 < 7)
stratum <- ifelse(g <= 7, "a", "b")
size <- 20 + (37 * g) %% 90

both <- function(test) list(
  estimate = -unname(diff(test$estimate)), std_error = unname(test$stderr),
  df = unname(test$parameter), statistic = unname(test$statistic), p_value = test$p.value,
  ci_low = test$conf.int[1], ci_high = test$conf.int[2])
welch <- t.test(y[treated == 1], y[treated == 0])
student <- t.test(y[treated == 1], y[treated == 0], var.equal = TRUE)

fit <- lm(y ~ treated, weights = size)
table <- summary(fit)$coefficients["treated", ]
weighted_student <- list(estimate = unname(table[1]), std_error = unname(table[2]), df = fit$df.residual,
                         p_value = unname(table[4]))

arm_variance <- function(side) {
  arm <- treated == side
  one <- lm(y[arm] ~ 1, weights = size[arm])
  vcovHC(one, type = "HC0")[1, 1] * sum(arm) / (sum(arm) - 1)
}
v <- c(arm_variance(1), arm_variance(0))
n <- c(sum(treated), sum(1 - treated))
df <- sum(v)^2 / sum(v^2 / (n - 1))
estimate <- unname(coef(fit)["treated"])
weighted_welch <- list(estimate = estimate, std_error = sqrt(sum(v)), df = df,
                       p_value = 2 * pt(-abs(estimate / sqrt(sum(v))), df))

blocks <- difference_in_means(y ~ treated, blocks = stratum, data = data.frame(y, treated, stratum))
tests <- lapply(c("a", "b"), function(s) t.test(y[treated == 1 & stratum == s],
                                                y[treated == 0 & stratum == s]))
share <- table(stratum) / 16
cell <- unlist(lapply(c("a", "b"), function(s) sapply(0:1, function(side) {
  x <- y[treated == side & stratum == s]
  c(v = unname(share[s])^2 * var(x) / length(x), n = length(x))
})))
cell <- matrix(cell, nrow = 2)
stratified <- list(estimate = unname(coef(blocks)), std_error = unname(blocks$std.error),
                   df = sum(cell[1, ])^2 / sum(cell[1, ]^2 / (cell[2, ] - 1)),
                   by_hand = sum(share * sapply(tests, function(t) -diff(t$estimate))))
saturated <- lm(y ~ 0 + interaction(treated, stratum))
pooled <- rbind(c(-share["a"], share["a"], -share["b"], share["b"]))
stratified_student <- list(
  estimate = sum(pooled * coef(saturated)),
  std_error = sqrt(drop(pooled %*% vcov(saturated) %*% t(pooled))), df = saturated$df.residual)

cat(toJSON(list(welch = both(welch), student = both(student), weighted_student = weighted_student,
                weighted_welch = weighted_welch, stratified = stratified,
                stratified_student = stratified_student),
           digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
