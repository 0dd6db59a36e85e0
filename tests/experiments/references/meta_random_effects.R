# Reference numbers of tests/experiments/analysis/test_meta_analysis.py.
# Run: Rscript tests/experiments/references/meta_random_effects.R   (metafor 3.8-1)
suppressMessages(library(metafor))
options(digits = 12)
bcg <- escalc(measure = "RR", data = dat.bcg, ai = tpos, bi = tneg, ci = cpos, di = cneg)
small <- data.frame(yi = c(0.12, 0.31, 0.05, 0.44), vi = c(0.010, 0.022, 0.008, 0.060))
tight <- list(threshold = 1e-12, maxiter = 1000, tol = 1e-12)

for (name in c("bcg", "small")) {
  data <- get(name)
  for (method in c("REML", "PM", "DL")) {
    for (test in c("z", "knha", "adhoc")) {
      fit <- rma(yi, vi, data = data, method = method, test = test, control = tight)
      reach <- qt(0.975, fit$k - 2) * sqrt(fit$tau2 + fit$se^2)
      cat(name, method, test, "\n ", c(fit$b), fit$se, fit$ci.lb, fit$ci.ub, fit$pval, "\n ",
          fit$tau2, fit$I2, fit$QE, fit$QEp, "\n ", c(fit$b) - reach, c(fit$b) + reach, "\n")
    }
  }
  found <- confint(rma(yi, vi, data = data), control = list(tol = 1e-12))$random
  cat("  tau2", found["tau^2", 2:3], " I2", found["I^2(%)", 2:3], "\n")
}
