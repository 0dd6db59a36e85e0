# Reference numbers of the Project STAR test in test_absorption.py, as JSON.
# The rows are written by:
#   python -c "from experiments.examples import project_star; project_star().to_csv('star.csv')"
# Run: Rscript tests/experiments/references/ols_star.R star.csv > .../ols_star.json
# clubSandwich CR2 with a dummy per school, classes as clusters, and the joint test of two arms.
suppressMessages({library(clubSandwich); library(jsonlite)})
rows <- read.csv(commandArgs(trailingOnly = TRUE)[1])
rows$small <- as.numeric(rows$class_type == "small")
rows$aide <- as.numeric(rows$class_type == "regular with aide")
fit <- lm(math ~ small + aide + factor(school), rows)
numbers <- function(type) {
  v <- vcovCR(fit, cluster = rows$class, type = type)
  t <- coef_test(fit, vcov = v, test = "Satterthwaite", coefs = c("small", "aide"))
  list(beta = t$beta, se = t$SE, df = t$df_Satt, p = t$p_Satt)
}
joint <- Wald_test(fit, constraints = constrain_zero(c("small", "aide")), cluster = rows$class,
                   vcov = "CR2", test = "HTZ")
cat(toJSON(list(rows = nrow(rows), classes = length(unique(rows$class)), CR2 = numbers("CR2"),
                joint = list(F = joint$Fstat, df_denom = joint$df_denom, p = joint$p_val)),
           digits = NA, auto_unbox = TRUE), "\n")
