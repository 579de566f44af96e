"""sopsem: structural equation modeling of sales-operations alignment surveys.

Fit a model, look at it, resample it, and set a paper's printed numbers beside the recomputed ones:

>>> import sopsem
>>> responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
>>> fit = sopsem.fit(sopsem.load_instrument().model, responses.items, mimic="amos")
>>> round(float(sopsem.fit_indices(fit)["chisq"]), 2)
169.04
"""

from typing import TYPE_CHECKING

from sopsem.errors import (
    ConvergenceError,
    DataError,
    FileError,
    ModelError,
    ModelSyntaxError,
    PrivacyError,
    ResourceLimitError,
    SopsemError,
    UsageError,
    VerificationError,
)
from sopsem.on_demand import on_demand

__version__ = "0.1.0"

__all__ = [
    "EFA",
    "CodebookImport",
    "ConstructMeans",
    "ConvergenceError",
    "DataError",
    "DrawStatus",
    "Draws",
    "Drivers",
    "Explanation",
    "FileError",
    "Fit",
    "Inspection",
    "Instrument",
    "Invariance",
    "Ledger",
    "MeasuredOutcome",
    "ModelError",
    "ModelSpec",
    "ModelSyntaxError",
    "PartialInvariance",
    "PathDiagram",
    "PerceptionGaps",
    "Power",
    "PrivacyError",
    "PublishedStudy",
    "ReleasedTable",
    "Replication",
    "ResourceLimitError",
    "Responses",
    "Scorecard",
    "Scored",
    "ScreenedPaths",
    "Screening",
    "SopsemError",
    "Status",
    "TeamScores",
    "UsageError",
    "VerificationError",
    "apa_tables",
    "apply_policy",
    "audit",
    "bollen_stine",
    "bootstrap",
    "bootstrap_estimates",
    "bootstrap_table",
    "brief",
    "case_influence",
    "cfa_marker",
    "common_method_factor",
    "compare",
    "compare_models",
    "compare_policies",
    "construct_means",
    "corrected_tests",
    "correlation_table",
    "coverage",
    "crosscheck",
    "describe_model",
    "drivers",
    "efa",
    "effect_sizes",
    "effects",
    "effects_table",
    "estimates",
    "explain",
    "explainable",
    "factor_scores",
    "find_survey",
    "fit",
    "fit_indices",
    "fit_table",
    "fit_tests",
    "implied_moments",
    "import_codebook",
    "inspect_survey",
    "invariance",
    "invariance_table",
    "item_descriptives",
    "item_drop",
    "kmo",
    "latent_correlations",
    "load_instrument",
    "load_study",
    "make_scorecard",
    "mardia",
    "marker_correlation",
    "measured_outcome",
    "measurement_quality",
    "measurement_table",
    "mediation",
    "mediation_table",
    "method_check",
    "missing_patterns",
    "model_spec",
    "modification_indices",
    "monte_carlo_interval",
    "nesting",
    "partial_invariance",
    "path_diagram",
    "perception_gaps",
    "power",
    "profile_interval",
    "published_groups",
    "r_squared",
    "read_responses",
    "read_scorecard",
    "redo",
    "reliability",
    "replicate",
    "residual_summary",
    "residuals",
    "responses_from_frame",
    "sample_moments",
    "score",
    "score_tests",
    "screen",
    "screened_paths",
    "semopy_to_lavaan",
    "sensitivity_models",
    "shipped_surveys",
    "simulate",
    "standardized",
    "survey_norms",
    "team_scores",
    "tipping_point",
    "to_lavaan",
    "to_mplus",
    "twin",
    "validate",
    "validity_table",
    "wald_test",
    "write_scorecard",
    "write_table",
    "write_tables",
]

# what a type checker reads; the same names are loaded when they are first asked for
if TYPE_CHECKING:
    from sopsem.client.benchmark import survey_norms
    from sopsem.client.brief import brief
    from sopsem.client.drivers import Drivers, drivers
    from sopsem.client.gaps import PerceptionGaps, perception_gaps
    from sopsem.client.measurement_quality import measurement_quality
    from sopsem.client.operations.measured_outcome import MeasuredOutcome, measured_outcome
    from sopsem.client.privacy.ledger import Ledger
    from sopsem.client.privacy.released import ReleasedTable, published_groups
    from sopsem.client.scorecard.making import make_scorecard
    from sopsem.client.scorecard.score import Scored, score
    from sopsem.client.scorecard.scorecard import Scorecard, read_scorecard, write_scorecard
    from sopsem.client.scorecard.team_scores import TeamScores, team_scores
    from sopsem.client.screened_paths import ScreenedPaths, screened_paths
    from sopsem.explanation.explain import explain, explainable
    from sopsem.explanation.explanation import Explanation
    from sopsem.report.apa.bootstrap import bootstrap_table, mediation_table
    from sopsem.report.apa.collection import apa_tables, write_tables
    from sopsem.report.apa.correlations import correlation_table
    from sopsem.report.apa.effects import effects_table
    from sopsem.report.apa.invariance import invariance_table
    from sopsem.report.apa.measurement import measurement_table
    from sopsem.report.apa.model_fit import fit_table
    from sopsem.report.apa.validity import validity_table
    from sopsem.report.diagram import PathDiagram, path_diagram
    from sopsem.report.render import write_table
    from sopsem.sem.constructs.item_drop import item_drop
    from sopsem.sem.constructs.latent_correlations import latent_correlations
    from sopsem.sem.constructs.method.cfa_marker import cfa_marker
    from sopsem.sem.constructs.method.common_factor import common_method_factor
    from sopsem.sem.constructs.method.marker_correlation import marker_correlation
    from sopsem.sem.constructs.method.method_check import method_check
    from sopsem.sem.constructs.method.tipping_point import tipping_point
    from sopsem.sem.constructs.reliability import reliability
    from sopsem.sem.constructs.scores import factor_scores
    from sopsem.sem.constructs.validation import validate
    from sopsem.sem.crosscheck import crosscheck
    from sopsem.sem.effects.effect_sizes import effect_sizes
    from sopsem.sem.effects.effects import effects
    from sopsem.sem.effects.mediation import mediation
    from sopsem.sem.effects.policy_comparison import compare_policies
    from sopsem.sem.effects.sensitivity import sensitivity_models
    from sopsem.sem.estimation.estimates import estimates, r_squared, standardized
    from sopsem.sem.estimation.fit import Fit, Status, fit
    from sopsem.sem.estimation.implied import implied_moments, sample_moments
    from sopsem.sem.exploratory.adequacy import kmo
    from sopsem.sem.exploratory.descriptives import item_descriptives
    from sopsem.sem.exploratory.efa import EFA, efa
    from sopsem.sem.exploratory.normality import mardia
    from sopsem.sem.export.lavaan import to_lavaan
    from sopsem.sem.export.mplus import to_mplus
    from sopsem.sem.fit_measures.case_influence import case_influence
    from sopsem.sem.fit_measures.compare import compare, compare_models
    from sopsem.sem.fit_measures.fit_indices import corrected_tests, fit_indices
    from sopsem.sem.fit_measures.modification import modification_indices
    from sopsem.sem.fit_measures.nesting import nesting
    from sopsem.sem.fit_measures.profile_intervals import profile_interval
    from sopsem.sem.fit_measures.residual_summary import residual_summary
    from sopsem.sem.fit_measures.residuals import residuals
    from sopsem.sem.fit_measures.scaled_tests import fit_tests
    from sopsem.sem.fit_measures.score_tests import score_tests
    from sopsem.sem.fit_measures.wald import wald_test
    from sopsem.sem.invariance.ladder import Invariance, invariance
    from sopsem.sem.invariance.partial import PartialInvariance, partial_invariance
    from sopsem.sem.model.describe import describe_model
    from sopsem.sem.model.semopy_syntax import semopy_to_lavaan
    from sopsem.sem.model.spec import ModelSpec, model_spec
    from sopsem.sem.resampling.bollen_stine import bollen_stine
    from sopsem.sem.resampling.bootstrap import Draws, DrawStatus, bootstrap, redo
    from sopsem.sem.resampling.monte_carlo import monte_carlo_interval
    from sopsem.sem.resampling.policies import apply_policy
    from sopsem.sem.resampling.statistic_intervals import bootstrap_estimates
    from sopsem.sem.sample.patterns import coverage, missing_patterns
    from sopsem.sem.simulation.simulate import simulate
    from sopsem.study.audit import audit
    from sopsem.study.power import Power, power
    from sopsem.study.published import PublishedStudy, load_study
    from sopsem.study.replicate import Replication, replicate
    from sopsem.study.twin import twin
    from sopsem.survey.codebooks.imports import CodebookImport, import_codebook
    from sopsem.survey.inspection import Inspection, inspect_survey
    from sopsem.survey.instrument import Instrument, load_instrument
    from sopsem.survey.reading import read_responses, responses_from_frame
    from sopsem.survey.responses import Responses
    from sopsem.survey.scoring import ConstructMeans, construct_means
    from sopsem.survey.screening.screening import Screening, screen
    from sopsem.survey.shipped import find_survey, shipped_surveys
else:
    _HOMES = {
        "client.benchmark": "survey_norms",
        "client.brief": "brief",
        "client.drivers": "Drivers drivers",
        "client.gaps": "PerceptionGaps perception_gaps",
        "client.operations.measured_outcome": "MeasuredOutcome measured_outcome",
        "client.measurement_quality": "measurement_quality",
        "client.privacy.ledger": "Ledger",
        "client.privacy.released": "ReleasedTable published_groups",
        "client.scorecard.score": "Scored score",
        "client.scorecard.making": "make_scorecard",
        "client.scorecard.scorecard": "Scorecard read_scorecard write_scorecard",
        "client.scorecard.team_scores": "TeamScores team_scores",
        "client.screened_paths": "ScreenedPaths screened_paths",
        "explanation.explain": "explain explainable",
        "explanation.explanation": "Explanation",
        "report.apa.bootstrap": "bootstrap_table mediation_table",
        "report.apa.collection": "apa_tables write_tables",
        "report.apa.correlations": "correlation_table",
        "report.apa.effects": "effects_table",
        "report.apa.invariance": "invariance_table",
        "report.apa.measurement": "measurement_table",
        "report.apa.model_fit": "fit_table",
        "report.apa.validity": "validity_table",
        "report.diagram": "PathDiagram path_diagram",
        "report.render": "write_table",
        "sem.constructs.item_drop": "item_drop",
        "sem.constructs.latent_correlations": "latent_correlations",
        "sem.constructs.method.cfa_marker": "cfa_marker",
        "sem.constructs.method.common_factor": "common_method_factor",
        "sem.constructs.method.marker_correlation": "marker_correlation",
        "sem.constructs.method.method_check": "method_check",
        "sem.constructs.method.tipping_point": "tipping_point",
        "sem.constructs.reliability": "reliability",
        "sem.constructs.scores": "factor_scores",
        "sem.constructs.validation": "validate",
        "sem.crosscheck": "crosscheck",
        "sem.effects.effect_sizes": "effect_sizes",
        "sem.effects.effects": "effects",
        "sem.effects.mediation": "mediation",
        "sem.effects.policy_comparison": "compare_policies",
        "sem.effects.sensitivity": "sensitivity_models",
        "sem.estimation.estimates": "estimates r_squared standardized",
        "sem.estimation.fit": "Fit Status fit",
        "sem.estimation.implied": "implied_moments sample_moments",
        "sem.exploratory.adequacy": "kmo",
        "sem.exploratory.descriptives": "item_descriptives",
        "sem.exploratory.efa": "EFA efa",
        "sem.exploratory.normality": "mardia",
        "sem.export.lavaan": "to_lavaan",
        "sem.export.mplus": "to_mplus",
        "sem.fit_measures.case_influence": "case_influence",
        "sem.fit_measures.compare": "compare compare_models",
        "sem.fit_measures.fit_indices": "corrected_tests fit_indices",
        "sem.fit_measures.modification": "modification_indices",
        "sem.fit_measures.nesting": "nesting",
        "sem.fit_measures.profile_intervals": "profile_interval",
        "sem.fit_measures.residual_summary": "residual_summary",
        "sem.fit_measures.residuals": "residuals",
        "sem.fit_measures.scaled_tests": "fit_tests",
        "sem.fit_measures.score_tests": "score_tests",
        "sem.fit_measures.wald": "wald_test",
        "sem.invariance.ladder": "Invariance invariance",
        "sem.invariance.partial": "PartialInvariance partial_invariance",
        "sem.model.describe": "describe_model",
        "sem.model.semopy_syntax": "semopy_to_lavaan",
        "sem.model.spec": "ModelSpec model_spec",
        "sem.resampling.bollen_stine": "bollen_stine",
        "sem.resampling.bootstrap": "DrawStatus Draws bootstrap redo",
        "sem.resampling.monte_carlo": "monte_carlo_interval",
        "sem.resampling.policies": "apply_policy",
        "sem.resampling.statistic_intervals": "bootstrap_estimates",
        "sem.sample.patterns": "coverage missing_patterns",
        "sem.simulation.simulate": "simulate",
        "study.audit": "audit",
        "study.power": "Power power",
        "study.published": "PublishedStudy load_study",
        "study.replicate": "Replication replicate",
        "study.twin": "twin",
        "survey.codebooks.imports": "CodebookImport import_codebook",
        "survey.inspection": "Inspection inspect_survey",
        "survey.instrument": "Instrument load_instrument",
        "survey.reading": "read_responses responses_from_frame",
        "survey.responses": "Responses",
        "survey.scoring": "ConstructMeans construct_means",
        "survey.screening.screening": "Screening screen",
        "survey.shipped": "find_survey shipped_surveys",
    }
    __getattr__ = on_demand(__name__, _HOMES)


def __dir__() -> list[str]:
    """Return the public names too, loaded or not."""
    return sorted({*globals(), *__all__})
