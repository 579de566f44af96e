"""The audit of print: known answers of the sales-operations study, misprints, and two other studies."""

import pytest
from study_editing import misprinted, raw_study

from sopsem.study.audit import CHECK_COLUMNS, audit
from sopsem.study.findings import CHECKS
from sopsem.study.published import PublishedStudy, load_study, shipped_studies

PAPER = "sales_operations_alignment"


@pytest.fixture(scope="module")
def report():
    """The audit of the sales-operations study."""
    return audit(load_study())


def verdicts(study):
    """Verdict by check."""
    return audit(study).checks.set_index("check")["verdict"].to_dict()


# Each answer was computed from the printed numbers independently of this code, with the digits shown here.
KNOWN = [
    ("df", "df", 129, 0),
    ("df", "npar", 42, 0),
    ("df", "n_items", 18, 0),
    ("npar:model text", "npar", 42, 0),
    ("pvalue", "pvalue", 0.01034, 5e-6),
    ("pvalue", "chisq_per_df", 1.310, 5e-4),
    ("rmsea", "rmsea with N - 1", 0.05840, 5e-6),
    ("rmsea", "rmsea with N", 0.05808, 5e-6),
    ("rmsea_n", "lower", 90.7, 0.05),
    ("rmsea_n", "upper", 93.9, 0.05),
    ("rmsea_interval", "lower with N - 1", 0.0298, 5e-5),
    ("rmsea_interval", "upper with N - 1", 0.0814, 5e-5),
    ("rmsea_pvalue", "close with N - 1", 0.281, 5e-4),
    ("rmsea_pvalue", "notclose", 0.062, 5e-4),
    ("baseline", "CFI lower", 837.44, 5e-3),
    ("baseline", "CFI upper", 849.35, 5e-3),
    ("baseline", "TLI lower", 836.30, 5e-3),
    ("baseline", "TLI upper", 846.27, 5e-3),
    ("baseline", "lower", 837.44, 5e-3),
    ("baseline", "upper", 846.27, 5e-3),
    ("cfi_tli", "tli", 0.9312, 5e-5),
    ("incremental:nfi", "lower", 0.798, 5e-4),
    ("incremental:nfi", "upper", 0.800, 5e-4),
    ("incremental:ifi", "lower", 0.943, 5e-4),
    ("incremental:ifi", "upper", 0.944, 5e-4),
    ("dpvalue", "dpvalue", 0.0741, 5e-5),
    ("dpvalue", "lower", 0.0739, 5e-5),
    ("dpvalue", "upper", 0.0743, 5e-5),
    ("freed_model:performance~coordination", "chisq", 165.85, 1e-9),
    ("freed_model:performance~coordination", "df", 128, 0),
    ("freed_model:performance~coordination", "pvalue", 0.0137, 5e-5),
    ("freed_model:performance~coordination", "cfi", 0.945, 5e-4),
    ("freed_model:performance~coordination", "tli", 0.934, 5e-4),
    ("freed_model:performance~coordination", "rmsea", 0.057, 5e-4),
    ("model_choice", "aic", 253.04, 1e-9),
    ("model_choice", "aic_freed", 251.85, 1e-9),
    ("model_choice", "aic_difference", 1.19, 1e-9),
    ("model_choice", "bic", 358.96, 5.1e-3),
    ("model_choice", "bic_freed", 360.29, 5e-3),
    ("model_choice", "bic_difference", -1.33, 5e-3),
    ("model_choice", "bf01", 1.95, 5e-3),
    ("small_sample", "factor Swain", 0.9213, 5.1e-5),
    ("small_sample", "chisq Swain", 155.73, 5e-3),
    ("small_sample", "p Swain", 0.055, 5e-4),
    ("small_sample", "rmsea Swain", 0.048, 5e-4),
    ("small_sample", "factor Yuan-Tian-Yanagihara", 0.911, 5e-4),
    ("small_sample", "p Yuan-Tian-Yanagihara", 0.066, 5e-4),
    ("small_sample", "rmsea Yuan-Tian-Yanagihara", 0.046, 5e-4),
    ("small_sample", "chisq Yuan 2005", 152.0, 0.05),
    ("small_sample", "p Yuan 2005", 0.081, 5e-4),
    ("small_sample", "chisq Bartlett", 148.9, 0.05),
    ("small_sample", "p Bartlett", 0.111, 5e-4),
    ("difference_power", "power", 0.43, 5e-3),
    ("difference_power", "ncp_for_80", 7.85, 5e-3),
    ("rmsea_power", "close", 0.69, 5.1e-3),
    ("rmsea_power", "n_for_80", 112, 0),
    ("rmsea_power", "notclose", 0.46, 5e-3),
    ("freed_power:performance~coordination", "power at 0.10", 0.09, 6e-3),
    ("freed_power:performance~coordination", "power at 0.20", 0.21, 6e-3),
    ("freed_power:performance~coordination", "power at 0.30", 0.44, 6e-3),
    ("freed_power:performance~coordination", "power at 0.40", 0.72, 6e-3),
    ("product:performance~coordination", "value", 0.40309, 5e-6),
    ("product:performance~coordination", "lower", 0.40211, 5e-6),
    ("product:performance~coordination", "upper", 0.40406, 5e-6),
    ("product:performance~coordination", "share", 0.29, 5e-3),
    ("product:performance~coordination", "coordination -> alignment -> performance", 0.4506, 5e-5),
    ("product:performance~coordination", "coordination -> conflict -> performance", -0.0475, 5e-5),
    ("r_squared:performance", "value", 0.768, 5e-4),
    ("correlation", "conflict,alignment", -0.226, 5e-4),
    ("correlation", "alignment,performance", 0.870, 5e-4),
    ("correlation", "conflict,performance", -0.096, 5e-4),
    ("asymmetry:conflict~coordination", "ratio", 1.19, 5e-3),
    ("asymmetry:alignment~coordination", "ratio", 0.77, 5e-3),
    ("asymmetry:performance~coordination", "ratio", 1.26, 5e-3),
    ("asymmetry:performance~conflict", "ratio", 1.80, 5e-3),
    ("asymmetry:performance~alignment", "ratio", 1.57, 5e-3),
    ("normal_p:conflict~coordination", "se", 0.116, 5e-4),
    ("normal_p:conflict~coordination", "z", -3.88, 5e-3),
    ("normal_p:alignment~coordination", "se", 0.109, 5e-4),
    ("normal_p:alignment~coordination", "z", 4.61, 5e-3),
    ("normal_p:performance~coordination", "normal_p", 0.003, 5e-4),
    ("normal_p:performance~conflict", "se", 0.194, 5e-4),
    ("normal_p:performance~conflict", "normal_p", 0.586, 5e-4),
    ("normal_p:performance~alignment", "z", 4.65, 5e-3),
    ("improper:performance~alignment", "ceiling", 1.121, 5e-4),
    ("improper:performance~alignment", "improper_draws", 5, 0),
    ("p_lattice:performance~conflict", "n percentile 2k/B", 0, 0),
    ("p_lattice:performance~conflict", "n percentile 2k/(B+1)", 0, 0),
    ("p_lattice:performance~conflict", "n percentile between ranks", 1, 0),
    ("detectable:conflict~coordination", "smallest", 0.32, 5e-3),
    ("detectable:alignment~coordination", "smallest", 0.31, 5e-3),
    ("detectable:performance~coordination", "smallest", 0.38, 5e-3),
    ("detectable:performance~conflict", "smallest", 0.545, 5e-4),
    ("detectable:performance~alignment", "smallest", 0.54, 5e-3),
    ("detectable:performance~conflict", "power", 0.085, 5e-4),
    ("base:region", "n_bases", 1, 0),
    ("base:region", "base", 71, 0),
    ("base:region", "Europe, Turkey or Russia", 43, 0),
    ("base:region", "USA", 5, 0),
    ("base:region", "Asia", 22, 0),
    ("base:region", "Latin America", 1, 0),
    ("counts:department", "sum", 92, 0),
]


@pytest.mark.parametrize(
    ("check", "quantity", "value", "tolerance"), KNOWN, ids=[f"{k[0]} {k[1]}" for k in KNOWN]
)
def test_known_answers(report, check, quantity, value, tolerance):
    """What the printed numbers imply comes out as computed by hand."""
    assert report.value(check, quantity) == pytest.approx(value, abs=tolerance)


def test_the_paper_does_not_contradict_itself(report):
    """Every number of the paper that can be checked is consistent; what print cannot settle is said so."""
    assert report.summary() == {"consistent": 35, "inconsistent": 0, "undecidable": 16}
    found = report.checks.set_index("check")["verdict"]
    undecidable = {
        "srmr",
        "small_sample",
        "model_choice",
        "difference_power",
        "p_lattice:performance~conflict",
    }
    assert set(found[found == "undecidable"].index) >= undecidable
    settled = ["df", "pvalue", "rmsea", "rmsea_n", "baseline", "cfi_tli", "dpvalue", "base:region"]
    settled += ["product:performance~coordination", "counts:department", "improper:performance~alignment"]
    assert set(found[settled]) == {"consistent"}


def test_the_findings_of_the_paper_in_words(report):
    """The explanations name the sample behind the regions, the multipliers and the kind of p."""
    told = report.checks.set_index("check")["explanation"]
    assert "71 = 40 sales + 31 operations" in told["base:region"]
    assert "N - 1 and N" in told["rmsea"]
    assert "not from estimate / SE" in told["normal_p:performance~conflict"]
    improper = told["improper:performance~alignment"]
    assert "practically possible only if improper solutions were kept" in improper
    assert "about 5 of 200 draws if the limits are percentiles, possibly fewer if bias-corrected" in improper
    assert "draws may lie outside" in improper
    assert "needs the residual correlations" in told["srmr"]
    excluded = told[told.index.str.startswith("asymmetry")]
    assert set(excluded) == {"A symmetric normal interval is excluded."}
    assert len(excluded) == 5


MISPRINTS = [
    ("fit.chisq", "196.04", {"pvalue", "rmsea", "rmsea_n"}),
    ("fit.df", "128", {"df"}),
    ("fit.pvalue", ".015", {"pvalue"}),
    ("fit.cfi", ".924", {"baseline", "cfi_tli"}),
    ("fit.tli", ".913", {"baseline", "cfi_tli"}),
    ("fit.rmsea", ".085", {"rmsea", "rmsea_n"}),
    ("fit.srmr", "1.3", {"srmr"}),
    ("fit.srmr", "-.066", {"srmr"}),
    ("n", 71, {"rmsea", "rmsea_n"}),
    ("nested.dchisq", "3.91", {"dpvalue"}),
    ("nested.dpvalue", ".047", {"dpvalue"}),
    ("effects.rows.0.est", "0.448", {"product:performance~coordination", "interval:conflict~coordination"}),
    ("effects.rows.1.est", "0.540", {"product:performance~coordination"}),
    ("effects.rows.2.est", "0.405", {"product:performance~coordination"}),
    ("effects.rows.4.est", "1.094", {"product:performance~coordination", "r_squared:performance"}),
    ("effects.rows.3.ci_lower", "0.166", {"interval:performance~conflict"}),
    ("effects.rows.3.pvalue", "0.045", {"interval:performance~conflict"}),
    ("effects.rows.1.pvalue", "> .05", {"interval:alignment~coordination"}),
    ("samples.0.categories.0.percent", "45.3", {"counts:department"}),
    ("samples.0.categories.1.count", "13", {"counts:department"}),
    ("samples.1.categories.1.percent", "7.9", {"base:region"}),
]


@pytest.mark.parametrize(("place", "text", "expected"), MISPRINTS, ids=[f"{m[0]}={m[1]}" for m in MISPRINTS])
def test_one_misprint_is_found_by_the_right_check(place, text, expected):
    """Changing one printed number makes the checks that rest on it inconsistent."""
    found = verdicts(misprinted(PAPER, place, text))
    assert {check for check in expected if found[check] == "inconsistent"} == expected


def test_a_printed_digit_less_widens_the_interval():
    """Fewer decimals make a claim that more numbers meet: .40 agrees where .405 does not."""
    check = "product:performance~coordination"
    assert verdicts(misprinted(PAPER, "effects.rows.2.est", "0.40"))[check] == "consistent"
    assert verdicts(misprinted(PAPER, "effects.rows.2.est", "0.405"))[check] == "inconsistent"


@pytest.mark.parametrize("text", [".066", ".000", "1.00", "< .08"])
def test_an_srmr_that_can_be_is_undecidable(text):
    """Any SRMR in [0, 1] is possible with the printed chi2 and N."""
    assert verdicts(misprinted(PAPER, "fit.srmr", text))["srmr"] == "undecidable"


def test_a_claimed_base_is_checked():
    """Claiming that the regions describe all 92 respondents contradicts their percentages."""
    data = raw_study(PAPER)
    data["samples"][1]["base"] = 92
    assert verdicts(PublishedStudy.model_validate({"name": "x"} | data))["base:region"] == "inconsistent"
    data["samples"][1]["base"] = 71
    assert verdicts(PublishedStudy.model_validate({"name": "x"} | data))["base:region"] == "consistent"


def test_a_stated_likelihood_narrows_the_multipliers():
    """With the likelihood stated only one multiplier is tried: RMSEA .0582 tells N from N - 1."""
    data = raw_study(PAPER)
    data["fit"]["rmsea"] = ".0584"
    for likelihood, verdict in (("wishart", "consistent"), ("normal", "inconsistent")):
        data["analysis"]["likelihood"] = likelihood
        assert verdicts(PublishedStudy.model_validate({"name": "x"} | data))["rmsea"] == verdict


def test_normal_intervals_must_be_symmetric():
    """A study that claims normal intervals cannot print the paper's asymmetric ones."""
    found = verdicts(misprinted(PAPER, "analysis.draws", None))
    assert found["asymmetry:performance~conflict"] == "inconsistent"
    assert found["normal_p:performance~conflict"] == "inconsistent"
    assert "p_lattice:performance~conflict" not in found


@pytest.mark.parametrize("name", [name for name in shipped_studies() if name != PAPER])
def test_other_studies_pass(name):
    """Two studies re-derived by many programs contradict nothing, and the paper's own checks are absent."""
    found = verdicts(load_study(name))
    assert "inconsistent" not in found.values()
    assert sum(verdict == "consistent" for verdict in found.values()) >= 14
    absent = {"base", "counts", "dpvalue", "model_choice", "product", "improper", "p_lattice", "asymmetry"}
    assert not absent & {check.split(":")[0] for check in found}


@pytest.mark.parametrize(
    ("name", "place", "text", "check"),
    [
        ("three_factor_abilities", "fit.npar", "20", "npar:printed"),
        ("three_factor_abilities", "fit.aic", "7517.940", "likelihood:aic"),
        ("three_factor_abilities", "fit.bic", "7595.393", "likelihood:bic"),
        ("three_factor_abilities", "fit.sabic", "7582.739", "likelihood:sabic"),
        ("three_factor_abilities", "fit.unrestricted_logl", "-3695.029", "likelihood:chisq"),
        ("three_factor_abilities", "fit.baseline_chisq", "981.852", "baseline"),
        ("three_factor_abilities", "fit.cfi", "0.913", "incremental:cfi"),
        ("three_factor_abilities", "fit.rmsea_ci_upper", "0.141", "rmsea_interval"),
        ("three_factor_abilities", "fit.rmsea_pvalue", "0.010", "rmsea_pvalue"),
        ("three_factor_abilities", "n", 92, "rmsea"),
        ("political_democracy", "fit.df", "53", "df"),
        ("political_democracy", "fit.pvalue", "0.392", "pvalue"),
        ("political_democracy", "effects.rows.1.z", "2.856", "wald_z:dem65~ind60"),
        ("political_democracy", "effects.rows.1.pvalue", "0.100", "normal_p:dem65~ind60"),
        ("political_democracy", "effects.rows.2.std", "0.985", "r_squared:dem65"),
        ("political_democracy", "model.text", "f =~ x1 + x2 + x3", "npar:model text"),
    ],
)
def test_misprints_in_other_studies_are_found(name, place, text, check):
    """The checks are not about one paper: they find misprints in the other studies too."""
    assert verdicts(misprinted(name, place, text))[check] == "inconsistent"


def below_df(**fit):
    """A study with chi2 20.58 and 25 df, nine items of 300 respondents."""
    return PublishedStudy(
        name="x",
        title="t",
        source="s",
        n=300,
        analysis={"program": "lavaan", "likelihood": "normal"},
        structure={"n_items": 9},
        fit={"chisq": "20.58", "df": "25"} | fit,
    )


@pytest.mark.parametrize(
    ("fit", "wrong"),
    [
        ({"cfi": "1.000", "tli": "1.006"}, set()),
        ({"cfi": "1.00", "tli": "1.00"}, set()),
        ({"cfi": "1.000", "tli": "1.000"}, set()),
        ({"cfi": "1.000", "tli": ".996"}, {"cfi_tli:tli"}),
        ({"cfi": ".990", "tli": "1.006"}, {"cfi_tli:cfi"}),
        ({"cfi": "1.006"}, {"cfi_tli:cfi"}),
        ({"tli": ".999"}, {"cfi_tli:tli"}),
        ({"cfi": ".990", "chisq": "25.00"}, set()),
        ({"cfi": "1.000", "tli": "1.006", "baseline_chisq": "1057.4"}, set()),
        ({"cfi": "1.000", "tli": "1.016", "baseline_chisq": "1057.4"}, {"incremental:tli"}),
        ({"cfi": "1.000", "tli": ".800", "baseline_chisq": "30.00"}, {"incremental:tli"}),
    ],
)
def test_a_chi2_below_its_df_leaves_cfi_1_and_tli_above_1(fit, wrong):
    """With chi2 < df other prints contradict it; with chi2 = df rounding leaves both sides open."""
    found = verdicts(below_df(**fit))
    assert {check for check, verdict in found.items() if verdict == "inconsistent"} == wrong
    asked = {f"cfi_tli:{name}" for name in ("cfi", "tli") if name in fit}
    silent = "chisq" in fit or fit.get("baseline_chisq") == "30.00"
    assert asked & set(found) == (set() if silent else asked)


def test_a_tli_above_1_tells_the_baseline():
    """TLI 1.006 is between 1.0055 and 1.0065: baseline chi2 from 36(1 + .1768/.0065) to 36(1 + .1768/.0055)."""
    nfi = audit(below_df(tli="1.006"))
    low, high = (1 - 20.58 / (36 * (1 + 0.1768 / room)) for room in (0.0065, 0.0055))
    # chi2 itself is rounded too
    assert nfi.value("incremental:nfi", "lower") == pytest.approx(low, abs=1e-5)
    assert nfi.value("incremental:nfi", "upper") == pytest.approx(high, abs=1e-5)
    assert "incremental:nfi" not in verdicts(below_df(tli="1.000"))


def test_a_study_with_nothing_printed_has_an_empty_audit():
    """Without numbers there is nothing to check, and no error."""
    bare = PublishedStudy(name="x", title="t", source="s", n=50, analysis={"program": "lavaan"})
    report = audit(bare)
    assert report.checks.empty
    assert list(report.checks.columns) == CHECK_COLUMNS
    assert report.summary() == {"consistent": 0, "inconsistent": 0, "undecidable": 0}
    assert "N = 50" in repr(report)


@pytest.mark.parametrize("name", shipped_studies())
def test_the_report_fits_one_screen(name):
    """The repr has at most 40 lines of at most 110 characters."""
    lines = repr(audit(load_study(name))).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110


def test_contradictions_are_shown_first():
    """The first finding in the repr of a misprinted study is the contradiction."""
    lines = repr(audit(misprinted(PAPER, "fit.pvalue", ".015"))).splitlines()
    assert lines[1].startswith("34 consistent, 1 inconsistent")
    assert lines[2].startswith("inconsistent pvalue")


def test_every_finding_says_what_and_why(report):
    """No line of the report is without a question, a computed value and an explanation."""
    assert (report.checks[["check", "what", "computed", "verdict", "explanation"]] != "").all(axis=None)
    assert set(report.checks["verdict"]) <= set(report.summary())


def test_asking_for_a_number_that_is_not_there_names_it(report):
    """A misspelt quantity is an error, not a NaN."""
    with pytest.raises(KeyError, match="has no 'rmsae'"):
        report.value("rmsea", "rmsae")


def test_every_check_is_used_by_a_shipped_study():
    """Each registered check speaks on at least one shipped study, so none is dead."""
    spoken = {check.split(":")[0] for name in shipped_studies() for check in verdicts(load_study(name))}
    assert {entry.name for entry in CHECKS} == spoken
