"""``sopsem ops report | authorize | simulate | demo``: files, labels, exit codes, nothing half-written."""

import json

import pytest

from sopsem.executive.simulate import simulate_manufacturer
from sopsem.report.operations import demo
from sopsem.report.operations.simulated_files import table_files
from sopsem.runs.atomic import write_all


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("plant")
    plant = simulate_manufacturer(0.5, 14, seed=3, ahead=2)
    files = {**table_files(plant.frames), "truth.json": b'{"label": "synthetic data"}'}
    write_all({str(root / name): content for name, content in files.items()})
    return root


def test_a_report_goes_to_a_folder_in_every_format_with_what_the_data_are(run, folder, tmp_path):
    done = run("ops", "report", folder, "--role", "cfo", "--replayed", 1, "-o", tmp_path / "all")
    assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "all").iterdir()}
    assert names == {"cfo.html", "cfo.docx", "cfo.md", "cfo.json", "manifest.json"}
    page = (tmp_path / "all" / "cfo.html").read_text("utf-8")
    assert "Report for the CFO" in page
    assert "synthetic data" in page
    assert "What the plant earns" in done.out


def test_a_wrong_file_kind_role_or_unit_is_one_message_and_writes_nothing(run, folder, tmp_path):
    out = run("ops", "report", folder, "-o", tmp_path / "x.pdf")
    assert out.code == 2
    assert "name a file that ends in .html, .docx, .md, .json" in out.err
    assert run("ops", "report", folder, "--role", "janitor").code == 2
    unit = run("ops", "report", folder, "--unit", "U9", "-o", tmp_path / "x.html")
    assert unit.code == 2
    assert "--unit U9: the tables hold U01" in unit.err
    assert run("ops", "report", tmp_path / "nowhere").code == 3
    assert not list(tmp_path.iterdir())


def ask(run, folder, tmp_path, record, *options):
    path = tmp_path / "order.json"
    path.write_text(record if isinstance(record, str) else json.dumps(record), "utf-8")
    return run("ops", "authorize", folder, "--order", path, *options)


def test_any_decision_ends_in_0_and_every_counter_offer_can_be_asked_again(run, folder, tmp_path):
    asked = {"product": "P4", "quantity": 60, "price": 900, "requested": "2023-02-28"}
    done = ask(run, folder, tmp_path, asked, "--json")
    assert done.code == 0
    record = json.loads(done.out)
    assert record["decision"] != "approve"
    assert record["label"] == "synthetic data"
    assert record["counter_offers"]
    for offer in record["counter_offers"]:
        again = json.loads(ask(run, folder, tmp_path, offer["order"], "--json").out)
        assert again["decision"] == offer["decision"]
    assert "counter-offers, each judged like an order" in ask(run, folder, tmp_path, asked).out


def test_every_wrong_field_of_an_order_is_named_with_what_was_expected(run, folder, tmp_path):
    wrong = {"product": "P4", "quantity": "60", "pric": 900, "requested": "28.2.2023"}
    done = ask(run, folder, tmp_path, wrong)
    assert done.code == 4
    assert "4 problems" in done.err
    for said in (
        "there is no field 'pric', did you mean 'price'?",
        "price is missing; an order needs product, quantity, price, requested",
        "quantity is '60'; expected a number",
        "requested is '28.2.2023'; expected a day such as 2025-01-31",
    ):
        assert said in done.err
    assert ask(run, folder, tmp_path, "{").code == 3
    assert ask(run, folder, tmp_path, "[1]").code == 4


def test_a_simulated_enterprise_is_labelled_and_passes_the_check(run, tmp_path):
    where = tmp_path / "firm"
    done = run("ops", "simulate", where, "--units", 2, "--periods", 13, "--respondents", 3, "--seed", 7)
    assert done.code == 0, done.err
    assert "synthetic data" in done.out
    truth = json.loads((where / "truth.json").read_text("utf-8"))
    assert truth["label"] == "synthetic data"
    assert len(truth["units"]) == 2
    assert len((where / "survey.csv").read_text("utf-8").splitlines()) == 7
    assert run("ops", "check", where).code == 0
    several = run("ops", "report", where)
    assert several.code == 2
    assert "2 units (U01, U02); name one: --unit U01" in several.err
    assert run("ops", "simulate", where).code == 3


def test_the_demo_leaves_reports_a_decision_and_tables_that_can_be_used(run, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "MONTHS", 14)
    monkeypatch.setattr(demo, "AHEAD", 2)
    monkeypatch.setattr(demo, "REPLAYED", 1)
    monkeypatch.setattr(demo, "PLANTS", 2)
    monkeypatch.setattr(demo, "SHORT", 13)
    where = tmp_path / "demo"
    done = run("ops", "demo", where, "--json")
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert record["label"] == "synthetic data"
    assert len(record["findings"]) == 5
    assert record["not_made"] == {}
    assert record["decision"]["decision"] != "approve"
    assert {path.relative_to(where).as_posix() for path in where.rglob("*") if path.is_file()} == set(
        record["files"]
    )
    for name in ("board.md", "board.html", "README.txt", "decision.txt"):
        assert "synthetic data" in (where / name).read_text("utf-8")
    again = run("ops", "authorize", where / "tables", "--order", where / "order.json", "--json")
    assert json.loads(again.out)["decision"] == record["decision"]["decision"]
    assert run("ops", "demo", where).code == 3
