# Reference numbers of tests/experiments/power: run with Rscript tests/experiments/references/power.R
# stats::power.t.test gives the noncentral t, Hmisc the proportional-odds power of Whitehead
# (1993), stats::integrate the correlation of 0/1 outcomes under normal log odds.
suppressMessages(library(Hmisc))
options(digits = 10)

cat("t test of 7 cluster means per arm, delta .3, variance .05 * .95 + .05 / 20\n")
print(power.t.test(n = 7, delta = 0.3, sd = sqrt(0.05 + 0.95 / 20))$power)

control <- c(0.2, 0.5, 0.3)
shift <- function(odds) {
  above <- 1 - cumsum(control)[1:2]
  moved <- odds * above / (1 - above + odds * above)
  c(1 - moved[1], moved[1] - moved[2], moved[2])
}
mean_shares <- (control + shift(1.8)) / 2
cat("proportional odds, odds ratio 1.8, 200 units in all\n")
print(unclass(popower(mean_shares, odds.ratio = 1.8, n = 200)))
print(unclass(popower(mean_shares, odds.ratio = 1.8, n1 = 60, n2 = 140)))

cat("share-scale ICC of mean share .25, variance .5 of the log odds\n")
moment <- function(f, centre, v) {
  integrate(function(u) f(plogis(centre + sqrt(v) * u)) * dnorm(u), -12, 12,
            rel.tol = 1e-12, subdivisions = 1000)$value
}
centre <- uniroot(function(b) moment(identity, b, 0.5) - 0.25, c(-5, 5), tol = 1e-13)$root
print((moment(function(p) p^2, centre, 0.5) - 0.25^2) / (0.25 * 0.75))
