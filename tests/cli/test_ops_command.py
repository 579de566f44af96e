"""``sopsem ops template`` and ``check``: files, exit codes, JSON."""

import json


def test_a_template_is_written_once_and_passes_the_check(run, tmp_path):
    folder = tmp_path / "tables"
    assert run("ops", "template", folder).code == 0
    assert len(list(folder.iterdir())) == 16
    again = run("ops", "template", folder)
    assert again.code == 3
    assert "there already" in again.err
    checked = run("ops", "check", folder)
    assert checked.code == 0
    assert "nothing to notice" in checked.out


def test_faults_end_in_the_exit_code_of_data(run, tmp_path):
    run("ops", "template", tmp_path / "t")
    orders = tmp_path / "t" / "orders.csv"
    orders.write_text(orders.read_text("utf-8").replace(",420,", ",-420,"), "utf-8")
    outcome = run("ops", "check", tmp_path / "t")
    assert outcome.code == 4
    assert "E-T06 row 2 (A1 · P1): list_price is -420, below 0" in outcome.err
    assert run("ops", "check", tmp_path / "nowhere").code == 3


def test_json_counts_every_row(run, tmp_path):
    run("ops", "template", tmp_path / "t")
    record = json.loads(run("ops", "check", tmp_path / "t", "--as-of", "2026-01-01", "--json").out)
    assert record["tables"]["orders"] == {"rows": 1, "used": 1, "units": ["ALL"]}
    assert {n["code"] for n in record["notices"]} == {"T20"}
