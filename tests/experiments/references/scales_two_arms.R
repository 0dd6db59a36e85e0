# Reference numbers of tests/experiments/analysis/test_effect_scales.py and test_hedges_g.py.
# Run: Rscript tests/experiments/references/scales_two_arms.R   (metafor 3.8-1)
suppressMessages(library(metafor))
options(digits = 12)
for (measure in c("RD", "RR", "OR")) {
  found <- escalc(measure = measure, ai = 62, n1i = 148, ci = 41, n2i = 163)
  cat(measure, found$yi, sqrt(found$vi), "\n")
}
found <- escalc(measure = "SMD", m1i = 103.2, sd1i = 14.1, n1i = 12, m2i = 97.5, sd2i = 12.7,
                n2i = 15, vtype = "UB")
cat("SMD", found$yi, found$vi, "\n")
