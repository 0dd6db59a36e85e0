# Mahalanobis balance and standardised differences of the 16 counties of Dickinson et al. (2015),
# over all 12,870 allocations of 8 to 8, with base R. Numbers are stored in
# tests/experiments/design/test_constrained_randomisation.py and test_balance.py.
# Run: Rscript balance_scores.R
location <- rep(c(0, 1), each = 8)
inciis <- c(94, 85, 85, 93, 82, 80, 94, 100, 93, 89, 83, 70, 93, 85, 82, 84)
uptodate <- c(37, 39, 42, 39, 31, 27, 49, 37, 51, 51, 54, 29, 50, 36, 38, 43)
hispanic <- c(44, 23, 12, 18, 6, 15, 38, 39, 35, 17, 7, 13, 13, 10, 39, 28)
x <- cbind(location, inciis, uptodate, hispanic)
s <- cov(x)
treated <- combn(16, 8)
m <- apply(treated, 2, function(t) {
  gap <- colMeans(x[t, ]) - colMeans(x[-t, ])
  8 * 8 / 16 * mahalanobis(gap, rep(0, 4), s)
})
cat("M: mean", format(mean(m), digits = 10), "sd", format(sd(m), digits = 10),
    "min", format(min(m), digits = 10), "max", format(max(m), digits = 10),
    "10 % quantile", format(quantile(m, 0.1), digits = 10), "\n")
odd <- seq(1, 15, 2)
smd <- sapply(seq_len(4), function(k) {
  (mean(x[odd, k]) - mean(x[-odd, k])) / sqrt((var(x[odd, k]) + var(x[-odd, k])) / 2)
})
cat("standardised differences, odd against even counties:", format(smd, digits = 10), "\n")
