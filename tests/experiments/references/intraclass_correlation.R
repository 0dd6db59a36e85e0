# Reference numbers of tests/experiments/analysis/test_intraclass_correlation.py.
# Run: Rscript tests/experiments/references/intraclass_correlation.R
# lme4 gives the REML components, geepack the exchangeable alpha and its sandwich error, and
# aov the mean squares of Donner's estimator.
suppressMessages({library(lme4); library(geepack)})
options(digits = 10)

size <- 3 + (1:14 * 5) %% 11
cluster <- rep(1:14, size)
unit <- unlist(lapply(size, seq_len))
arm <- cluster %% 2
y <- sin(1.7 * cluster) + 1.5 * cos(2.3 * cluster * unit) + 0.8 * arm
z <- as.numeric(y > 0.6)
data <- data.frame(cluster = factor(cluster), arm = factor(arm), y, z)

components <- function(fit) {
  v <- as.data.frame(VarCorr(fit))$vcov
  c(icc = v[1] / sum(v), criterion = REMLcrit(fit))
}
anova_icc <- function(fit, mean_size) {
  ms <- summary(fit)[[1]][c("cluster", "Residuals"), "Mean Sq"]
  (ms[1] - ms[2]) / (ms[1] + (mean_size - 1) * ms[2])
}
one_group <- (sum(size) - sum(size^2) / sum(size)) / 13
by_arm <- tapply(size, 1:14 %% 2, function(s) sum(s^2) / sum(s))
two_arms <- (sum(size) - sum(by_arm)) / 12
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-9))

print(c(one = anova_icc(aov(y ~ cluster, data), one_group),
        arms = anova_icc(aov(y ~ arm + cluster, data), two_arms),
        binary = anova_icc(aov(z ~ cluster, data), one_group)))
print(components(lmer(y ~ 1 + (1 | cluster), data, control = control)))
print(components(lmer(y ~ arm + (1 | cluster), data, control = control)))
for (formula in c(y ~ 1, y ~ arm, z ~ 1)) {
  fit <- geeglm(formula, id = cluster, data = data, corstr = "exchangeable",
                control = geese.control(epsilon = 1e-12, maxit = 200))
  print(c(summary(fit)$corr, phi = fit$geese$gamma))
}
