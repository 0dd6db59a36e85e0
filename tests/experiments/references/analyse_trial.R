# Reference numbers of tests/experiments/cli/test_analyse.py and of
# tests/experiments/analysis/test_heterogeneity.py, as JSON.
# Run: Rscript tests/experiments/references/analyse_trial.R > .../analyse_trial.json
# clubSandwich CR2, Satterthwaite and HTZ; estimatr::lm_robust; lme4::glmer with 25 points.
# Rows come by formula and are part of the output.
suppressMessages({library(clubSandwich); library(estimatr); library(lme4); library(jsonlite)})

size <- 12 + (7 * (1:15)) %% 11
g <- rep(1:15, size)
i <- unlist(lapply(size, seq_len))
arm <- c("nudge", "control", "control", "nudge", "control", "nudge", "nudge", "control",
         "nudge", "control", "control", "nudge", "nudge", "control", "nudge")[g]
income <- round(20 + (37 * i + 11 * g) %% 41 / 2 + 2 * sin(g), 1)
house <- c("flat", "villa", "farm")[1 + (i * i + g) %% 3]
uniform <- ((7919 * i + 104729 * g) %% 10007 + 0.5) / 10007
u <- 0.6 * sin(5 * g)
rows <- data.frame(
  zone = sprintf("Z%02d", g),
  stratum = c("north", "south", "west")[1 + (g - 1) %/% 5],
  arm = arm,
  arms = c("letter", "nudge", "control")[1 + (2 * g + g %/% 4) %% 3],
  own = ifelse((i + g) %% 2 == 0, "nudge", "control"),
  income = income,
  house = house,
  density = 5 + (13 * g) %% 17,
  score = round(50 + 1.5 * (arm == "nudge") + 4 * u + 0.2 * income + 6 * sin(i * i + g), 3),
  sorted = as.numeric(uniform < plogis(0.3 + 0.5 * (arm == "nudge") + 2 * u + 0.4 * (house == "farm")))
)

cr2 <- function(formula, chosen, cluster = rows$zone) {
  fit <- lm(formula, rows)
  test <- coef_test(fit, vcovCR(fit, cluster = cluster, type = "CR2"), test = "Satterthwaite")
  row <- test[chosen, ]
  half <- qt(0.975, row$df_Satt) * row$SE
  list(estimate = row$beta, std_error = row$SE, df = row$df_Satt, p_value = row$p_Satt,
       ci_low = row$beta - half, ci_high = row$beta + half)
}

absorbed <- function(formula) {
  fit <- lm_robust(formula, rows, clusters = zone, fixed_effects = ~ stratum, se_type = "CR2")
  list(estimate = unname(fit$coefficients["armnudge"]), std_error = unname(fit$std.error["armnudge"]),
       df = unname(fit$df["armnudge"]), p_value = unname(fit$p.value["armnudge"]),
       ci_low = unname(fit$conf.low["armnudge"]), ci_high = unname(fit$conf.high["armnudge"]))
}

glmm <- function(formula) {
  fit <- glmer(formula, rows, family = binomial, nAGQ = 25,
               control = glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa",
                                      optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
  list(estimate = unname(fixef(fit)["armnudge"]),
       std_error = sqrt(as.matrix(vcov(fit))["armnudge", "armnudge"]),
       sd = unname(getME(fit, "theta")))
}

by_stratum <- lm(score ~ 0 + stratum + stratum:arm, rows)
v <- vcovCR(by_stratum, cluster = rows$zone, type = "CR2")
test <- coef_test(by_stratum, v, test = "Satterthwaite")[4:6, ]
same <- Wald_test(by_stratum, constraints = constrain_equal(4:6), vcov = v, test = "HTZ")
rows$centred <- rows$density - mean(rows$density)
by_density <- lm(score ~ centred * arm, rows)
slope <- coef_test(by_density, vcovCR(by_density, cluster = rows$zone, type = "CR2"),
                   test = "Satterthwaite")[3:4, ]

cat(toJSON(list(
  rows = as.list(rows[setdiff(names(rows), "centred")]),
  ols = list(
    plain = cr2(score ~ arm, "armnudge"),
    strata = absorbed(score ~ arm),
    covariates = cr2(score ~ arm + income + house, "armnudge"),
    strata_and_covariates = absorbed(score ~ arm + income + house),
    binary = cr2(sorted ~ arm, "armnudge"),
    letter = cr2(score ~ arms, "armsletter"),
    nudge = cr2(score ~ arms, "armsnudge"),
    inside = cr2(score ~ own, "ownnudge")),
  mixed_logit = list(
    plain = glmm(sorted ~ arm + (1 | zone)),
    strata_and_covariates = glmm(sorted ~ arm + stratum + income + house + (1 | zone))),
  heterogeneity = list(
    factor = list(estimate = test$beta, std_error = test$SE, df = test$df_Satt, p_value = test$p_Satt,
                  statistic = same$Fstat, df_num = same$df_num, df_denom = same$df_denom,
                  p = same$p_val),
    number = list(estimate = slope$beta, std_error = slope$SE, df = slope$df_Satt,
                  p_value = slope$p_Satt))),
  digits = NA, auto_unbox = TRUE), "\n")
