# Reference numbers of tests/experiments/analysis/test_dunnett.py.
# Run: Rscript tests/experiments/references/scales_dunnett.R   (multcomp 1.4, two minutes)
suppressMessages(library(multcomp))
options(digits = 10)

show <- function(name, fit) {
  set.seed(1)
  found <- summary(fit, test = adjusted("single-step", maxpts = 5e5, abseps = 1e-6))
  set.seed(1)
  interval <- confint(fit, calpha = adjusted_calpha(maxpts = 5e5, abseps = 1e-6))
  cat(name, "\n  p", found$test$pvalues, "\n  low", interval$confint[, "lwr"],
      "\n  high", interval$confint[, "upr"], "\n  critical", attr(interval$confint, "calpha"), "\n")
}

# Three arms against one control with clusters of their own, seven degrees of freedom.
v <- c(0.0009, 0.0012, 0.0006)
separate <- diag(v) + 0.0008
estimates <- c(a = 0.061, b = 0.118, c = -0.035)
for (side in c("two.sided", "greater")) {
  show(paste("separate clusters", side),
       glht(parm(estimates, separate, df = 7), linfct = diag(3), alternative = side))
}
# Arms that share blocks: correlations without product structure.
shared <- matrix(c(1, 0.5, 0.1, 0.5, 1, -0.2, 0.1, -0.2, 1), 3) * 0.0016
show("shared blocks", glht(parm(estimates, shared, df = 9), linfct = diag(3)))
show("shared blocks, normal", glht(parm(estimates, shared, df = 0), linfct = diag(3)))

# A data set: sixteen zones, four arms, unequal numbers of zones.
arm <- factor(rep(c("control", "letter", "sticker", "visit"), c(6, 3, 4, 3)))
y <- 0.4 + 0.05 * (as.integer(arm) - 1) + 0.06 * sin(1.7 * seq_along(arm))
fit <- lm(y ~ arm)
cat("zones", coef(fit)[-1], "\n", vcov(fit)[-1, -1], "\n", df.residual(fit), "\n")
show("zones", glht(fit, linfct = mcp(arm = "Dunnett")))
