# Reference numbers of tests/experiments/analysis/test_mantel_haenszel.py.
# Run: Rscript tests/experiments/references/meta_mantel_haenszel.R   (metafor 3.8-1)
suppressMessages(library(metafor))
options(digits = 12)
show <- function(name, a, n1, c, n0) {
  for (measure in c("RR", "RD")) {
    fit <- rma.mh(ai = a, n1i = n1, ci = c, n2i = n0, measure = measure)
    cat(name, measure, fit$beta, fit$se, fit$ci.lb, fit$ci.ub, fit$pval, "\n")
  }
}
# University Group Diabetes Program: deaths on tolbutamide and placebo, under and over 55.
show("ugdp", c(8, 22), c(106, 98), c(5, 16), c(120, 85))
bcg <- dat.bcg
show("bcg", bcg$tpos, bcg$tpos + bcg$tneg, bcg$cpos, bcg$cpos + bcg$cneg)
# One stratum: the variance between clusters is CR2 of a linear probability model.
suppressMessages(library(clubSandwich))
events <- c(8, 3, 14, 5, 9, 4, 11, 2)
n <- c(20, 11, 37, 15, 22, 18, 40, 13)
arm <- c(1, 1, 1, 0, 0, 0, 0, 0)
rows <- data.frame(cluster = rep(seq_along(n), n), arm = rep(arm, n),
                   y = unlist(mapply(function(e, k) rep(c(1, 0), c(e, k - e)), events, n)))
fit <- lm(y ~ arm, data = rows)
found <- coef_test(fit, vcov = "CR2", cluster = rows$cluster)
cat("CR2", found$beta[2], found$SE[2], found$df_Satt[2], found$p_Satt[2], "\n")
