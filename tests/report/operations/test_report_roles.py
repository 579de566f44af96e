"""Every reader's report: evidence at the end of every sentence, absences told, no word of cause, the same bytes."""

import re
from dataclasses import replace

import pytest

from sopsem.errors import UsageError
from sopsem.executive.assessment import assess
from sopsem.executive.schema.policy import make_policy
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_manufacturer
from sopsem.report.client.document import Exhibit, Statement
from sopsem.report.operations.report_evidence import FORMULAS
from sopsem.report.operations.report_markdown import report_markdown
from sopsem.report.operations.report_method import NAMES
from sopsem.report.operations.report_roles import ROLES, executive_report

TAG = re.compile(r"\[(E\d\d|orders), (n=\d+, T13 (none|raised)(, T\d\d)*|not made|T13 raised)\]")
CAUSAL = re.compile(
    r"\b(causes?d?|caused by|because of|due to|leads? to|led to|results? in|drives?|driven)\b", re.IGNORECASE
)
every_role = pytest.mark.parametrize("role", ROLES)


def sentences(document):
    top = [Statement(sentence=line.sentence, evidence=line.evidence) for line in document.summary]
    return top + [b for part in document.parts for b in part.content if isinstance(b, Statement)]


@every_role
def test_every_sentence_ends_with_its_evidence(found, role):
    document = executive_report(found, role=role, label="synthetic data")
    told = sentences(document)
    assert len(told) > 8
    assert [s for s in told if not TAG.fullmatch(s.evidence)] == []
    assert [s for s in told if "nan" in s.sentence or "None" in s.sentence] == []
    assert all(s.sentence.endswith(".") for s in told)


@every_role
def test_association_is_never_told_as_cause(found, role):
    text = report_markdown(executive_report(found, role=role))
    told = [m.group() for m in CAUSAL.finditer(text)]
    assert told == ["cause"], "once, where the report says that nothing proves a cause"


def test_the_same_tables_give_the_same_markdown(found, plant):
    again = assess(plant.tables(), replayed=3)
    for role in ("board", "cfo"):
        first, second = (report_markdown(executive_report(a, role=role, label="x")) for a in (found, again))
        assert first.encode() == second.encode()


def test_a_table_that_is_not_there_is_named_with_its_columns():
    frames = dict(simulate_manufacturer(0.5, 14, seed=3).frames)
    del frames["forecasts"], frames["financials"]
    document = executive_report(assess(check_tables(frames), replayed=1))
    top = {line.topic: line for line in document.summary}
    earnings = top["How steady earnings are"]
    assert "financials.csv is needed; add it with the columns period, revenue" in earnings.sentence
    assert earnings.evidence == "[E17, not made]"
    unsaid = next(part for part in document.parts if part.anchor == "unsaid")
    assert any("forecasts.csv is needed" in b.sentence for b in unsaid.content)


def test_a_threshold_that_was_changed_is_told_and_decides_the_verdict(found):
    strict = make_policy(capacity={"chronic_share": 0.0})
    text = report_markdown(executive_report(replace(found, tables=replace(found.tables, policy=strict))))
    assert "the gap is chronic by the rule of this report (at least 0%" in text
    assert r"| capacity.chronic\_share | 0 | set by policy.toml |" in text
    lax = make_policy(capacity={"chronic_share": 1.5})
    text = report_markdown(executive_report(replace(found, tables=replace(found.tables, policy=lax))))
    assert "the gap is not chronic" in text


def test_people_are_set_beside_the_measures_where_a_survey_is_given(found, bridge):
    without, given = (executive_report(found, role="client", bridge=b) for b in (None, bridge))
    assert "no survey was given" in report_markdown(without)
    part = next(p for p in given.parts if p.anchor == "bridge")
    assert part.content[0].evidence.startswith("[E43, n=2")
    assert "allow no correlation" in part.content[0].sentence
    assert "no survey was given" not in report_markdown(given)
    assert not CAUSAL.search(report_markdown(given).replace("proves a cause", ""))


def test_tables_are_numbered_through_the_report(found):
    for role in ROLES:
        document = executive_report(found, role=role)
        names = [e.id for e in document.exhibits]
        assert [name[1:] for name in names] == [str(i) for i in range(1, len(names) + 1)]
        assert {name[0] for name in names} <= {"T", "F"}


def test_readers_get_their_own_order_and_an_unknown_one_is_refused(found):
    board, cfo = (executive_report(found, role=r) for r in ("board", "cfo"))
    assert board.parts[0].anchor == "index"
    assert [p.anchor for p in cfo.parts[:3]] == ["accounts", "breakeven", "cash"]
    with pytest.raises(UsageError, match="give one of board, ceo, cfo, coo, sales, client"):
        executive_report(found, role="janitor")


def test_every_system_of_an_assessment_has_a_name_and_a_formula(found):
    assert set(found.results()) <= set(FORMULAS)
    assert set(FORMULAS) == set(NAMES)
    for name, result in found.results().items():
        assert result.provenance.formula == FORMULAS[name], name


def test_nothing_of_nothing_is_one_clear_report(found):
    empty = replace(found, **dict.fromkeys(found.results()), missing={})
    for role in ROLES:
        document = executive_report(empty, role=role)
        assert all("nothing can be said" in line.sentence for line in document.summary)
        assert not [
            e for e in document.exhibits if isinstance(e, Exhibit) and e.trace.function.startswith("E")
        ]


def test_a_finding_of_the_summary_is_not_told_twice_and_one_below_it_is_told(found):
    document = executive_report(found, role="board")
    summary = {line.sentence for line in document.summary}
    told = [b.sentence for part in document.parts for b in part.content if isinstance(b, Statement)]
    assert not summary & set(told)
    assert any(" is best loaded between " in sentence for sentence in told), (
        "the corridor is not in the summary"
    )
