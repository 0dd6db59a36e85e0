# Reference numbers of tests/experiments/analysis/test_multilevel_meta_analysis.py.
# Run: Rscript tests/experiments/references/meta_multilevel.R   (metafor 3.8-1, clubSandwich)
suppressMessages({library(metafor); library(clubSandwich)})
options(digits = 12)

show <- function(name, fit, cluster) {
  cat(name, "\n ", c(fit$b), fit$se, fit$sigma2, fit$QE, c(logLik(fit)), "\n")
  for (kind in c("CR0", "CR1", "CR2")) {
    found <- coef_test(fit, vcov = kind, cluster = cluster)
    cat(" ", kind, found$SE, found$df_Satt, found$p_Satt, "\n")
  }
  plain <- robust(fit, cluster = cluster)
  cat("  robust", plain$se, plain$dfs, plain$pval, plain$ci.lb, plain$ci.ub, "\n")
}

tight <- list(rel.tol = 1e-12, iter.max = 1000)
schools <- dat.konstantopoulos2011
show("schools", rma.mv(yi, vi, random = ~ 1 | district/school, data = schools),
     schools$district)

# Twelve publications with 1 to 4 studies of 1 to 3 effects, by formula; four levels.
study <- do.call(rbind, lapply(1:12, function(p) data.frame(p = p, s = seq_len(1 + (5 * p) %% 4))))
effect <- do.call(rbind, lapply(seq_len(nrow(study)), function(i)
  data.frame(study[i, ], e = seq_len(1 + (2 * study$p[i] + study$s[i]) %% 3))))
rownames(effect) <- NULL
row <- seq_len(nrow(effect))
effect$v <- 0.01 + 0.02 * (1 + sin(3 * row))
effect$y <- 0.3 + 0.4 * sin(2 * effect$p) + 0.2 * cos(5 * effect$p + 3 * effect$s) +
  0.25 * sin(7 * row)
fit <- rma.mv(y, v, random = ~ 1 | p/s/e, data = effect, control = tight)
cat("rows", nrow(effect), "\n")
show("made up", fit, effect$p)
# Clusters that hold several outermost groups.
show("made up, pairs", fit, (effect$p + 1) %/% 2)
