# Reference numbers of tests/experiments/analysis/test_analysis_of_covariance.py, as JSON.
# Run: Rscript tests/experiments/references/zone_covariance.R > .../zone_covariance.json
# lm; clubSandwich CR2 with one row a cluster (HC2 with Bell-McCaffrey df); estimatr::lm_lin.
suppressMessages({library(clubSandwich); library(estimatr); library(jsonlite)})
g <- 1:20
before <- 40 + 8 * sin(2 * g)
density <- (13 * g) %% 17
stratum <- c("a", "b", "c")[1 + g %% 3]
treated <- as.numeric(g %in% c(1, 4, 6, 8, 9, 13, 17, 20))
weight <- 10 + (37 * g) %% 50
y <- 5 + 0.8 * before + 0.2 * density + 2 * treated + 3 * cos(5 * g) + 2 * (stratum == "b")
rows <- data.frame(y, treated, before, density, stratum)

classical <- function(fit) {
  t <- summary(fit)$coefficients["treated", ]
  ci <- confint(fit)["treated", ]
  list(estimate = t[[1]], std_error = t[[2]], df = fit$df.residual, p_value = t[[4]],
       ci_low = ci[[1]], ci_high = ci[[2]])
}
cr2 <- function(fit, target) {
  v <- vcovCR(fit, cluster = g, type = "CR2", target = target, inverse_var = FALSE)
  t <- coef_test(fit, vcov = v, test = "Satterthwaite")["treated", ]
  list(estimate = t$beta, std_error = t$SE, df = t$df_Satt, p_value = t$p_Satt)
}
plain <- lm(y ~ treated + before + density + stratum, rows)
weighted <- lm(y ~ treated + before + density + stratum, rows, weights = weight)
lin <- lm_lin(y ~ treated, ~ before + factor(stratum), rows, se_type = "HC2")
lin_classical <- lm_lin(y ~ treated, ~ before + factor(stratum), rows, se_type = "classical")
no_slopes <- lm(y ~ treated + stratum, rows)
cat(toJSON(list(
  classical = classical(plain), hc2 = cr2(plain, rep(1, 20)), weighted = classical(weighted),
  weighted_hc2 = cr2(weighted, 1 / weight),
  theta = as.list(coef(plain)[c("before", "density")]),
  variance_reduction = 1 - sigma(plain)^2 / sigma(no_slopes)^2,
  lin = list(estimate = coef(lin)[["treated"]], std_error = lin$std.error[["treated"]],
             classical = lin_classical$std.error[["treated"]], df = lin$df[["treated"]])),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
