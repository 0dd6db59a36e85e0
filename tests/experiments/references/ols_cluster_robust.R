# Reference numbers of the least-squares tests (test_cluster_robust, test_absorption,
# test_hotelling_t2), as JSON.
# Run: Rscript tests/experiments/references/ols_cluster_robust.R > .../ols_cluster_robust.json
# clubSandwich CR0-CR3, Satterthwaite and HTZ; estimatr::lm_robust CR2. Weighted fits are least
# squares on rows multiplied by the root of their weight: a working variance inverse to it. Rows
# come by formula and are part of the output; those of fewer clusters are the first ones.
suppressMessages({library(clubSandwich); library(estimatr); library(jsonlite)})

make_rows <- function(n_clusters) {
  size <- 3 + (7 * seq_len(n_clusters)) %% 11
  g <- rep(seq_len(n_clusters), size)
  i <- seq_along(g)
  data.frame(
    g = g,
    block = (g - 1) %/% 3,
    treated = as.numeric(g %% 2 == 0),
    cold = as.numeric(g %% 3 == 1),
    own = as.numeric((i * i + g) %% 5 < 2),
    age = 40 + 9 * sin(3 * i) + 4 * cos(g),
    class = (i + g) %% 2,
    w = 1 + (13 * i) %% 7,
    y = 2 + 0.4 * (g %% 2 == 0) + cos(5 * g) + 1.5 * sin(i * i) + 0.05 * (9 * sin(3 * i))
  )
}

coefficients_of <- function(fit, cluster, type) {
  v <- vcovCR(fit, cluster = cluster, type = type)
  t <- coef_test(fit, vcov = v, test = "Satterthwaite")
  list(vcov = unname(as.matrix(v)), beta = t$beta, df = t$df_Satt, p = t$p_Satt)
}

joint_of <- function(fit, cluster, type, columns, test = "HTZ") {
  v <- vcovCR(fit, cluster = cluster, type = type)
  t <- Wald_test(fit, constraints = constrain_zero(columns), vcov = v, test = test)
  list(F = t$Fstat, scale = t$delta, df_num = t$df_num, df_denom = t$df_denom, p = t$p_val)
}

weighted_lm <- function(formula, rows) {
  x <- model.matrix(formula, rows) * sqrt(rows$w)
  lm(y ~ 0 + x, data = list(y = rows$y * sqrt(rows$w), x = x))
}

case <- function(n_clusters, weighted) {
  rows <- make_rows(n_clusters)
  if (!weighted) rows$w <- 1
  fit <- weighted_lm(y ~ treated + cold + own + age, rows)
  types <- c("CR0", "CR1", "CR1S", "CR2", "CR3")
  out <- lapply(setNames(types, types), function(type) coefficients_of(fit, rows$g, type))
  out$joint <- lapply(setNames(c("CR1", "CR2", "CR3"), c("CR1", "CR2", "CR3")), function(type)
    list(two = joint_of(fit, rows$g, type, 2:3), three = joint_of(fit, rows$g, type, 2:4)))
  out$naive <- joint_of(fit, rows$g, "CR2", 2:3, "Naive-F")
  if (!weighted) {
    robust <- lm_robust(y ~ treated + cold + own + age, rows, clusters = g, se_type = "CR2")
    out$estimatr <- list(se = unname(robust$std.error), df = unname(robust$df))
  }
  out
}

# Weights constant inside clusters, by clubSandwich's own weights.
by_cluster <- function() {
  rows <- make_rows(12)
  fit <- lm(y ~ treated + cold + own + age, rows, weights = 1 + g %% 4)
  v <- vcovCR(fit, cluster = rows$g, type = "CR2", inverse_var = TRUE)
  t <- coef_test(fit, vcov = v, test = "Satterthwaite")
  list(se = t$SE, df = t$df_Satt)
}

blocks <- function(weighted) {
  rows <- make_rows(18)
  if (!weighted) rows$w <- 1
  fit <- weighted_lm(y ~ treated + own + age + factor(block), rows)
  out <- lapply(setNames(c("CR1S", "CR2", "CR3"), c("CR1S", "CR2", "CR3")), function(type) {
    all <- coefficients_of(fit, rows$g, type)
    list(vcov = all$vcov[2:4, 2:4], beta = all$beta[2:4], df = all$df[2:4], p = all$p[2:4])
  })
  out$joint <- joint_of(fit, rows$g, "CR2", 2:4)
  out
}

inside <- function(weighted) {
  rows <- make_rows(12)
  if (!weighted) rows$w <- 1
  fit <- weighted_lm(y ~ own + age + factor(paste(g, class)), rows)
  all <- coefficients_of(fit, rows$g, "CR2")
  list(vcov = all$vcov[2:3, 2:3], beta = all$beta[2:3], df = all$df[2:3])
}

cases <- list()
for (n in c(6, 12, 40)) for (weighted in c(FALSE, TRUE))
  cases[[paste0(n, if (weighted) " weighted" else "")]] <- case(n, weighted)
cat(toJSON(list(rows = as.list(make_rows(40)), cases = cases, blocks = list(plain = blocks(FALSE), weighted = blocks(TRUE)),
                inside = list(plain = inside(FALSE), weighted = inside(TRUE)),
                by_cluster = by_cluster()), digits = NA, auto_unbox = TRUE), "\n")
