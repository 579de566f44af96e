# Times lavaan's refits on given resamples; called by speed_lavaan.py.
#
# Rscript speed_lavaan.R FOLDER MISSING, MISSING being listwise or ml, where FOLDER holds
#   model.txt     the model in lavaan syntax
#   data.csv      one column per item
#   indices.csv   one line per draw: the rows drawn, from 1; no header
# Writes times.csv (route, processor seconds), estimates.csv of the given rows, and versions.txt.
#
# Three routes.
# "given": what bootstrapLavaan() does inside for each draw, with the rows given instead of drawn: lavaan's own data
#   update and sample statistics, then lavaan() with every slot handed over, which starts at the solution of the
#   sample and skips standard errors, tests, baseline, h1, log-likelihood and implied moments.  We found no faster
#   route with given rows.  lavaan's usual stopping rule (rel.tol = 1e-10) is kept: at 1e-12 its optimiser reports
#   false convergence and no estimates.
# "own": bootstrapLavaan(), the function a user calls, with its own rows.
# "fit": one sem() of the sample with all that it reports.
# R's reference BLAS has one thread; speed.py also sets the thread variables to 1.

suppressPackageStartupMessages(library(lavaan))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
missing <- arguments[2]
at <- function(name) file.path(folder, name)
model <- paste(readLines(at("model.txt")), collapse = "\n")
items <- read.csv(at("data.csv"))
rows <- as.matrix(read.csv(at("indices.csv"), header = FALSE))

fit <- sem(model, data = items, missing = missing, se = "none", test = "none", baseline = FALSE, h1 = FALSE,
           loglik = FALSE, implied = FALSE)

options <- fit@Options
options[c("check.start", "check.post", "store.vcov")] <- FALSE
options$optim.attempts <- 1L
refit <- function(drawn) {
  resampled <- list(fit@Data@X[[1]][drawn, , drop = FALSE])
  new_data <- lavaan:::lav_data_update(lavdata = fit@Data, newX = resampled, BOOT.idx = list(drawn),
                                       lavoptions = options)
  statistics <- lavaan:::lav_samplestats_from_data(lavdata = new_data, lavoptions = options)
  again <- suppressWarnings(lavaan(slotOptions = options, slotParTable = fit@ParTable, slotModel = fit@Model,
                                   slotSampleStats = statistics, slotData = new_data))
  if (again@optim$converged) again@optim$x else rep(NA_real_, length(again@optim$x))
}

seconds <- function(expression) {  # processor time of this process
  started <- sum(proc.time()[c("user.self", "sys.self")])
  force(expression)
  sum(proc.time()[c("user.self", "sys.self")]) - started
}

invisible(refit(rows[1, ]))  # the first call compiles
found <- NULL
given <- seconds(found <- t(apply(rows, 1, refit)))
colnames(found) <- names(coef(fit))
write.csv(format(as.data.frame(found), digits = 17), at("estimates.csv"), row.names = FALSE, quote = FALSE)
own <- seconds(suppressWarnings(bootstrapLavaan(fit, R = nrow(rows), FUN = "coef", iseed = 1)))
single <- seconds(for (i in 1:3) suppressWarnings(sem(model, data = items, missing = missing))) / 3
write.csv(data.frame(route = c("given", "own", "fit"), seconds = c(given, own, single)), at("times.csv"),
          row.names = FALSE, quote = FALSE)
writeLines(c(as.character(packageVersion("lavaan")), as.character(getRversion())), at("versions.txt"))
