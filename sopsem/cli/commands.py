"""Every command: the module that holds it, how it is called, and one line; a module is loaded when it is invoked."""

from typing import NamedTuple

__all__ = ["COMMANDS", "GROUPS", "OPERATIONS", "Listed"]


class Listed(NamedTuple):
    """A command, or a group of commands, as the overview tells it."""

    module: str
    usage: str
    line: str

    @property
    def name(self) -> str:
        """The word that calls it."""
        return self.usage.split()[0]


COMMANDS = (
    Listed(
        "replicate",
        "replicate [SURVEY]",
        "the study end to end: survey file in, the paper's table beside ours",
    ),
    Listed("audit", "audit [STUDY]", "do a paper's printed numbers agree with each other?"),
    Listed(
        "inspect_file", "inspect FILE", "what a survey file is, which columns answer what, what is missing"
    ),
    Listed(
        "instrument", "instrument COMMAND", "a questionnaire: new, check, show, print; other tools' codebooks"
    ),
    Listed(
        "screen", "screen [SURVEY]", "who answered carelessly, twice or not at all; none left out unasked"
    ),
    Listed("analyse", "validate [SURVEY]", "reliability, validity and method variance of the constructs"),
    Listed(
        "quality", "quality [SURVEY]", "items and scales: floor, normality, KMO, factors, what each item does"
    ),
    Listed("quality", "efa DATA", "how items group by themselves: number of factors, loadings, fit"),
    Listed("method", "method [SURVEY]", "method variance: common factor, markers, when a path would vanish"),
    Listed("analyse", "mediation [SURVEY]", "indirect effects and an honest test of full mediation"),
    Listed(
        "drivers", "drivers [SURVEY]", "what moves the outcome most, where it stands, how sure the order is"
    ),
    Listed(
        "client_report",
        "report CLIENT",
        "the page a client is handed, Word file and workbook: --against NORM",
    ),
    Listed("gaps", "gaps [SURVEY]", "where sales and operations see things differently, checked first"),
    Listed("scorecard", "scorecard make|show", "norms and model in one file that scores without refitting"),
    Listed("score", "score [SURVEY]", "new respondents and teams on a scorecard: --scorecard FILE"),
    Listed("local_app", "app", "the same on a local page: drop a file, see it, take the report along"),
    Listed("model", "fit MODEL DATA", "any model in lavaan syntax on a CSV file"),
    Listed("invariance", "invariance DATA", "do groups answer alike? --model FILE --group COLUMN"),
    Listed("export", "export MODEL DATA", "the same model as a script for lavaan or Mplus: --to lavaan"),
    Listed("diagram", "diagram MODEL DATA", "the path diagram of a model: --out model.svg (png, pdf, dot)"),
    Listed("tables", "tables MODEL DATA", "the tables of a paper: --to docx,tex,html,md,csv --out DIR"),
    Listed("simulate", "simulate MODEL", "artificial data from a model with given parameters: --n 200"),
    Listed("power", "power [MODEL]", "power and precision by sample size, N for a target: --n 92,150"),
    Listed("syntax", "syntax MODEL", "what a model text means: its parameters in words, and what is added"),
    Listed("draw", "draw [SURVEY]", "make one bootstrap draw again: --seed 42 --index 317"),
    Listed("explain", "explain [QUANTITY]", "any reported number: formula, what was put in, result, source"),
    Listed("verify", "verify RESULT", "make a result again from its manifest and refuse a mismatch"),
    Listed("twin", "twin [STUDY]", "synthetic data that return a paper's printed numbers"),
    Listed("ops", "ops COMMAND", "alignment from operations: check tables, report, decide orders, demo"),
    Listed("model", "crosscheck [SURVEY]", "the same model in semopy, side by side"),
)

# the commands of the group ``sopsem ops``
OPERATIONS = (
    Listed("ops", "template DIR", "every table with an example row, the policy and the schema"),
    Listed("ops", "check DIR", "the tables of a folder against each other"),
    Listed("ops_report", "report DIR", "the report of the board, CEO, CFO, COO, sales or client: --role cfo"),
    Listed("ops_dashboard", "dashboard DIR", "two A3 pages and a page for screens: -o FOLDER"),
    Listed("ops_authorize", "authorize DIR", "an order: decision, who signs, counter-offers: --order FILE"),
    Listed(
        "ops_simulate", "simulate DIR", "synthetic tables and a survey of plants whose alignment is known"
    ),
    Listed("ops_demo", "demo [DIR]", "all of it on a synthetic plant: dashboard, reports, an order decided"),
    Listed("ops_bridge", "bridge DIR", "a survey beside the tables of the same units: --survey FILE"),
)

# the groups whose commands are loaded one by one, by their name
GROUPS = {"sopsem": COMMANDS, "ops": OPERATIONS}
