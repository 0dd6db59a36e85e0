# Reference numbers of tests/experiments/analysis/test_gee.py and test_gee_small_sample.py, as JSON.
# Run: Rscript tests/experiments/references/gee_sandwich.R > .../gee_sandwich.json
# gee (Debian r-cran-gee) for coefficients, correlation, model and robust covariances; geepack,
# whose moments do not subtract p, for coefficients; clubSandwich for linear models, where CR2 with
# an identity target is Kauermann & Carroll's root and CR3 is Mancl & DeRouen's correction.
suppressMessages({library(gee); library(geepack); library(clubSandwich); library(jsonlite)})
size <- 20 + (37 * (1:12)) %% 100
g <- rep(1:12, size)
i <- unlist(lapply(size, seq_len))
t <- g %% 2
f <- factor((i + g) %% 4)
x <- ((7 * i + 3 * g) %% 50 - 25) / 10
u <- 0.42 * qnorm(((5 * g) %% 12 + 0.5) / 12)
uniform <- ((7919 * i + 104729 * g) %% 10007 + 0.5) / 10007
exposure <- 1 + i %% 5
event <- as.numeric(uniform < plogis(1.2 + 0.3 * t + 0.2 * (f == 1) - 0.1 * (f == 2) + 0.05 * x + u))
score <- 3 + 0.4 * t + 0.1 * x + u + sin(i * g)
count <- qpois(uniform, exposure * exp(-0.3 + 0.2 * t + u))
rows <- data.frame(event, score, count, t, f, x, g, exposure)

one <- function(formula, family, working) {
  invisible(capture.output(suppressMessages(
    fit <- gee(formula, id = g, data = rows, family = family, corstr = working, tol = 1e-12,
               maxiter = 200))))
  other <- geeglm(formula, id = g, data = rows, family = family, corstr = working)
  list(coefficients = unname(coef(fit)), alpha = fit$working.correlation[1, 2], scale = fit$scale,
       naive = unname(fit$naive.variance), robust = unname(fit$robust.variance),
       geepack = unname(coef(other)))
}
linear <- lm(score ~ t + f + x, rows)
logistic <- glm(event ~ t, binomial, rows, control = glm.control(epsilon = 1e-14))
sandwich <- function(fit, type) matrix(vcovCR(fit, rows$g, type), length(coef(fit)))
cat(toJSON(list(
  binomial = one(event ~ t + f + x, binomial, "exchangeable"),
  binomial_independence = one(event ~ t + f + x, binomial, "independence"),
  gaussian = one(score ~ t + f + x, gaussian, "exchangeable"),
  poisson = one(count ~ t + x + offset(log(exposure)), poisson, "exchangeable"),
  linear = list(kauermann_carroll = sandwich(linear, "CR2"), mancl_derouen = sandwich(linear, "CR3")),
  logistic = list(kauermann_carroll = sandwich(logistic, "CR2"),
                  mancl_derouen = sandwich(logistic, "CR3"))),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
