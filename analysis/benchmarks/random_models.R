# Estimates of lavaan for the models of random_models.py: Rscript random_models.R folder
# The optimiser's rule is as tight as it accepts, so that the estimates can be compared to 1e-4 and better.
suppressMessages(library(lavaan))
folder <- commandArgs(trailingOnly = TRUE)[1]
writeLines(as.character(packageVersion("lavaan")), file.path(folder, "version.txt"))

arguments <- function(lines) {
  parts <- strsplit(lines[nzchar(lines)], "=", fixed = TRUE)
  values <- lapply(parts, function(p) if (p[2] == "TRUE") TRUE else strsplit(p[2], ",")[[1]])
  names(values) <- gsub("_", ".", vapply(parts, `[`, "", 1))
  values
}

one <- function(number) {
  path <- function(kind, ending) file.path(folder, paste0(kind, "_", number, ending))
  options <- arguments(readLines(path("options", ".txt")))
  growth_model <- isTRUE(options$growth)
  options$growth <- NULL
  given <- c(list(model = paste(readLines(path("model", ".txt")), collapse = "\n"),
                  data = read.csv(path("rows", ".csv"))), options)
  # a rule that is too tight for the rounding of a problem ends without convergence
  for (rule in c(1e-12, 3e-11, 1e-10, 1e-9)) {
    fit <- do.call(if (growth_model) "growth" else "sem", c(given, list(control = list(rel.tol = rule))))
    if (lavInspect(fit, "converged")) break
  }
  if (!lavInspect(fit, "converged")) return()
  table <- parameterEstimates(fit, remove.nonfree = FALSE, ci = FALSE, zstat = FALSE, pvalue = FALSE)
  if (is.null(table$group)) table$group <- 1
  table$se[is.na(table$se)] <- 0
  write.csv(table[table$group > 0, c("lhs", "op", "rhs", "group", "est", "se")],
            path("estimates", ".csv"), row.names = FALSE)
  measures <- fitMeasures(fit)
  wanted <- c("chisq", "df", "npar", "chisq.scaled")
  write.csv(t(measures[intersect(wanted, names(measures))]), path("tests", ".csv"), row.names = FALSE)
}

numbers <- sub("model_(.*)\\.txt", "\\1", list.files(folder, "^model_"))
for (number in numbers) {
  tryCatch(suppressWarnings(one(number)),
           error = function(e) message("model ", number, ": ", conditionMessage(e)))
}
