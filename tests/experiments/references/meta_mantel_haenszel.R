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
