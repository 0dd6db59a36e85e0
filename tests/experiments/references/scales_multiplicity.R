# Reference numbers of tests/experiments/analysis/test_multiplicity.py.
# Run: Rscript tests/experiments/references/scales_multiplicity.R
options(digits = 12)
p <- c(0.001, 0.04, 0.03, 0.2, 0.012)
for (method in c("bonferroni", "holm", "hochberg", "BH", "BY")) {
  cat(method, p.adjust(p, method), "\n")
}
