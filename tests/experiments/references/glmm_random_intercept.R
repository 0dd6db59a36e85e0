# Reference numbers of tests/experiments/analysis/test_mixed_logit.py, as JSON.
# Run: Rscript tests/experiments/references/glmm_random_intercept.R > .../glmm_random_intercept.json
# lme4::glmer. tolPwrss is lowered from 1e-7, at which the inner iterations stop early enough to
# move the third digit of standard errors (the printed results of lme4's own example included).
suppressMessages({library(lme4); library(jsonlite)})
tight <- glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa",
                      optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
one <- function(formula, rows, points) {
  fit <- glmer(formula, rows, family = binomial, nAGQ = points, control = tight)
  list(coefficients = unname(fixef(fit)), std_errors = unname(sqrt(diag(as.matrix(vcov(fit))))),
       sd = unname(getME(fit, "theta")), log_likelihood = as.numeric(logLik(fit)))
}
size <- 20 + (37 * (1:12)) %% 100
g <- rep(1:12, size)
i <- unlist(lapply(size, seq_len))
t <- g %% 2
f <- factor((i + g) %% 4)
x <- ((7 * i + 3 * g) %% 50 - 25) / 10
u <- 0.42 * qnorm(((5 * g) %% 12 + 0.5) / 12)
uniform <- ((7919 * i + 104729 * g) %% 10007 + 0.5) / 10007
event <- as.numeric(uniform < plogis(1.2 + 0.3 * t + 0.2 * (f == 1) - 0.1 * (f == 2) + 0.05 * x + u))
zones <- data.frame(event, t, f, x, g)
herds <- cbind(incidence, size - incidence) ~ period + (1 | herd)
with <- glmer(herds, cbpp, family = binomial, nAGQ = 25, control = tight)
interval <- suppressMessages(confint(with, "theta_", quiet = TRUE))
cat(toJSON(list(
  herds_laplace = one(herds, cbpp, 1),
  herds = c(one(herds, cbpp, 25), list(sd_interval = unname(interval[1, ]))),
  zones = one(event ~ t + f + x + (1 | g), zones, 25),
  zones_laplace = one(event ~ t + f + x + (1 | g), zones, 1),
  zones_without_arm = one(event ~ f + x + (1 | g), zones, 25)),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
