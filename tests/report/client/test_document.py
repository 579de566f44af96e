"""What the report says in words, and in which order."""

import pandas as pd
import pytest
from briefings import briefing

from sopsem.client.briefing import Benchmark, Client
from sopsem.errors import UsageError
from sopsem.report.client.assembly import client_document
from sopsem.report.client.document import Drawing

EMPTY = pd.DataFrame()


def sentences(**changes):
    return {each.topic: each.sentence for each in client_document(briefing(**changes)).summary}


def test_five_sentences_tell_a_manager_what_to_know():
    """Who, where, gap, lever, how sure: with the numbers of the tables."""
    said = sentences()
    assert list(said) == [
        "Who answered",
        "Where you stand",
        "Do both sides agree",
        "What to work on",
        "How sure this is",
    ]
    assert said["Who answered"].startswith("41 of 44 answers are used; 3 are left out")
    assert "not answers of real people" in said["Who answered"]
    assert "the best result is Internal performance with 5.1, percentile 74" in said["Where you stand"]
    assert "the weakest is Alignment with 3.4, percentile 22" in said["Where you stand"]
    assert (
        "Sales rate Organisational collaboration higher than Operations: gap 0.7"
        in said["Do both sides agree"]
    )
    assert (
        "Alignment moves Overall performance most among the benchmark's respondents (effect .62); it is the first "
        "lever in 93%" in said["What to work on"]
    )
    assert "n = 41" in said["How sure this is"]


def test_low_is_good_where_the_questionnaire_says_so():
    """Conflict at the 31st percentile is better than a score at the 61st, and worse than one at the 74th."""
    frame = briefing().scores
    frame.loc[frame["construct"] == "conflict", "percentile"] = 5.0
    assert "best result is Conflict (lower is better)" in sentences(scores=frame)["Where you stand"]


def test_what_cannot_be_said_is_said():
    """No gap, no groups, no drivers, no score: a sentence with the reason, and no empty table."""
    calm = briefing().gaps.assign(differs=False)
    assert "cannot be told apart" in sentences(gaps=calm)["Do both sides agree"]
    none = {"gaps": EMPTY, "gap_notes": ("Only 4 people of operations answered.",), "drivers": EMPTY}
    none |= {"driver_notes": ("The model did not converge.",), "groups": ()}
    said = sentences(**none)
    assert said["Do both sides agree"] == "Only 4 people of operations answered."
    assert said["What to work on"] == "The model did not converge."
    document = client_document(briefing(**none))
    assert [each.id for each in document.exhibits if isinstance(each.content, Drawing)] == ["F1"]
    few = briefing().gaps.assign(lower=float("nan"), upper=float("nan"), differs=None)
    assert "too few for tests" in sentences(gaps=few)["Do both sides agree"]
    assert "Too few people" in sentences(gaps=few.assign(gap=float("nan")))["Do both sides agree"]
    none = client_document(briefing(gaps=few.assign(gap=float("nan"))))
    assert "T2" not in [each.id for each in none.exhibits]
    hidden = briefing().scores.assign(mean=float("nan"))
    assert "Too few" in sentences(scores=hidden)["Where you stand"]


def test_the_verdict_on_a_gap_is_printed_and_not_made_from_rounded_limits():
    """[-1.0, 0.0] of [-1.048, -0.024] may be a gap, and [0.1, 0.9] none after Holm's correction."""
    gaps = briefing().gaps
    gaps.loc[1, ["lower", "upper"]] = -1.0, 0.0
    gaps.loc[2, ["lower", "upper"]] = 0.1, 0.9
    gaps["differs"] = pd.Series([False, True, False, False, None], dtype=object)
    table = next(each.content for each in client_document(briefing(gaps=gaps)).exhibits if each.id == "T2")
    assert [row[5] for row in table.rows] == [
        *["not told from chance", "a gap"],
        *["not told from chance"] * 2,
        "—",
    ]
    assert [row[6] for row in table.rows] == ["yes", "no", "not checked", "yes, weakly", "not checked"]
    assert "Holm" in " ".join(table.notes)
    assert "Sales rate Conflict lower than Operations" in sentences(gaps=gaps)["Do both sides agree"]


def test_the_label_names_whose_data_are_synthetic():
    """Real answers beside a synthetic benchmark are not called synthetic."""
    real = Client(name="Acme", label="", subject="S", language="en", rows=44, used=41)
    document = client_document(briefing(client=real))
    assert document.source_label == "benchmark: synthetic data"
    assert "real people" not in document.summary[0].sentence
    both = briefing(client=real, benchmark=Benchmark(name="b", label="", n=92))
    assert client_document(both).source_label == ""


def test_a_briefing_accounts_for_every_row_and_every_frame():
    """Rows left out need a reason, frames a trace."""
    with pytest.raises(UsageError, match="3 rows are excluded and reasons are given for 2"):
        briefing(exclusions=pd.DataFrame({"reason": ["x"], "rows": [2]}))
    with pytest.raises(UsageError, match="gaps"):
        briefing(traces={name: t for name, t in briefing().traces.items() if name != "gaps"})


def test_a_briefing_keeps_its_numbers():
    """A caller's frame changed later changes nothing."""
    frame = briefing().scores
    made = briefing(scores=frame)
    frame.loc[0, "mean"] = 7.0
    assert made.scores.loc[0, "mean"] == 4.3


def test_one_row_left_out_is_one():
    client = Client(name="Acme", label="", subject="Alignment", language="en", rows=44, used=43)
    one = pd.DataFrame({"reason": ["screened: straight_lining"], "rows": [1]})
    changed = briefing(client=client, exclusions=one)
    (said,) = [e.sentence for e in client_document(changed).summary if e.topic == "Who answered"]
    assert said.startswith("43 of 44 answers are used; 1 is left out")


def test_checks_are_told_in_words_and_what_could_not_run_is_no_zero():
    """Names of screens are for the command line; a check that judged nobody has a reason and no row."""
    screening = pd.DataFrame(
        {
            "check": ["straight_lining", "speeders"],
            "rule": ["one answer throughout", "too fast"],
            "judged": [44, 0],
            "marked": [1, 0],
            "excluded": [1, 0],
            "cannot": ["", "the file has no durations"],
        }
    )
    one = pd.DataFrame({"reason": ["screened: straight_lining"], "rows": [3]})
    document = client_document(briefing(screening=screening, exclusions=one))
    exhibits = {e.id: e.content for part in document.parts for e in part.content if hasattr(e, "id")}
    assert [row[0] for row in exhibits["T5"].rows] == ["straight lining"]
    assert "Could not run: speeders, because the file has no durations." in exhibits["T5"].notes
    assert exhibits["T4"].rows[0][0] == "screened: straight lining"


def test_a_scale_that_contradicts_itself_is_in_the_summary():
    said = sentences(contradictions=("The items of Conflict contradict each other.",))
    assert said["How sure this is"].endswith(" The items of Conflict contradict each other.")
