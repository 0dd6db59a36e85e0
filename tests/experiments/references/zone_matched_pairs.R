# Reference numbers of tests/experiments/analysis/test_matched_pairs.py, as JSON.
# Run: Rscript tests/experiments/references/zone_matched_pairs.R > .../zone_matched_pairs.json
# t.test(paired = TRUE); estimatr::difference_in_means with blocks of two clusters of units.
suppressMessages({library(estimatr); library(jsonlite)})
g <- 1:18
pair <- (g + 1) %/% 2
treated <- (g + pair) %% 2
size <- 5 + (11 * g) %% 23
mean_of <- 30 + 6 * sin(pair) + 2 * cos(4 * g) + 1.5 * treated
paired <- t.test(mean_of[treated == 1], mean_of[treated == 0], paired = TRUE)

cluster <- rep(g, size)
unit <- unlist(lapply(size, seq_len))
y <- mean_of[cluster] + sin(cluster * unit)
rows <- data.frame(y, z = treated[cluster], pair = pair[cluster], cluster)
weighted <- difference_in_means(y ~ z, blocks = pair, clusters = cluster, data = rows)

cat(toJSON(list(
  paired = list(estimate = unname(paired$estimate), std_error = unname(paired$stderr),
                df = unname(paired$parameter), p_value = paired$p.value,
                ci_low = paired$conf.int[1], ci_high = paired$conf.int[2]),
  weighted = list(estimate = unname(coef(weighted)), std_error = unname(weighted$std.error),
                  df = unname(weighted$df), p_value = unname(weighted$p.value),
                  ci_low = unname(weighted$conf.low), ci_high = unname(weighted$conf.high))),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
