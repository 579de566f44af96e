"""``sopsem instrument new | check | show | print``."""

import json

import pytest

from sopsem.survey import load_instrument

DICTIONARY = """Variable / Field Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels",Matrix Group Name
meet,radio,We meet,"1, Never | 2, Often",team
plan,radio,We plan,"1, Never | 2, Often",team
mood,radio,Mood,"1, Bad | 2, Good",
"""


@pytest.mark.parametrize("ending", ["toml", "csv", "xlsx"])
def test_a_new_questionnaire_has_no_fault_whatever_its_carrier(run, tmp_path, ending):
    if ending == "xlsx":
        pytest.importorskip("xlsxwriter")
    file = tmp_path / f"mine.{ending}"
    assert run("instrument", "new", file).code == 0
    outcome = run("instrument", "check", file)
    assert (outcome.code, outcome.out) == (0, "Our questionnaire 1.0: no faults\n")
    assert load_instrument(file).reversed_ids == ("clear3", "trust3")
    again = run("instrument", "new", file)
    assert again.code == 2
    assert "there already" in again.err
    assert run("instrument", "new", file, "--force").code == 0


def test_another_tools_codebook_is_converted_with_its_gaps_listed(run, tmp_path):
    source = tmp_path / "dictionary.csv"
    source.write_text(DICTIONARY)
    file = tmp_path / "mine.toml"
    outcome = run("instrument", "new", file, "--from", source, "--items", "mood", "--language", "en")
    assert outcome.code == 0
    assert outcome.out == ""
    assert "note: a data dictionary does not say which items are reversed" in outcome.err
    assert "# a data dictionary does not say which items are reversed" in file.read_text("utf-8")
    made = load_instrument(file)
    assert made.item_ids == ("meet", "plan", "mood")
    checked = run("instrument", "check", file)
    assert "3 items are not yet assigned to a construct: meet, plan, mood" in checked.out
    assert "there is no model" in checked.out
    made = json.loads(run("instrument", "new", file, "--from", source, "--force", "--json").out)
    assert (made["written"], "no construct is given for: meet, plan" in made["notes"]) == (str(file), True)
    refused = run("instrument", "check", source)
    assert refused.code == 2
    assert "--from FILE" in refused.err


def test_check_lists_every_fault(run, tmp_path):
    file = tmp_path / "mine.toml"
    run("instrument", "new", file)
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("reverse = true", "revers = true").replace('scale = "agreement"', 'scale = "x"', 1)
    )
    outcome = run("instrument", "check", file)
    assert outcome.code == 4
    assert outcome.err.count("unknown key, did you mean 'reverse'?") == 2
    assert "items.clear1.scale: unknown scale 'x'" in outcome.err


def test_show_in_every_form(run):
    text = run("instrument", "show").out
    assert "18 items, 7 optional, 2 of the 18 reversed" in text
    assert "con3  conflict" in text
    made = json.loads(run("instrument", "show", "--json").out)
    assert made["items"]["con3"]["reverse"] is True
    schema = json.loads(run("instrument", "show", "--to", "frictionless").out)
    assert schema["fields"][0]["name"] == "col1"
    assert run("instrument", "show", "--to", "toml").out.startswith('title = "Sales-operations alignment"')
    assert "items,con3" in run("instrument", "show", "--to", "sheet").out
    assert run("instrument", "show", "--json", "--to", "toml").code == 2


def test_print_writes_a_page_and_a_word_file_and_overwrites_nothing(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("instrument", "print").code == 0
    assert {p.name for p in tmp_path.iterdir()} == {"questionnaire.html", "questionnaire.docx"}
    assert "con3" not in (tmp_path / "questionnaire.html").read_text("utf-8")
    assert run("instrument", "print").code == 2
    outcome = run("instrument", "print", "--out", "a.html", "--annotated", "--no-optional", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["written"] == ["a.html"]
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "con3" in page
    assert "via1" not in page
    assert run("instrument", "print", "--out", "a.pdf").code == 2


def test_the_group_explains_itself(run):
    assert "print" in run("instrument", "--help").out
    for command in ("new", "check", "show", "print"):
        assert "Example: sopsem instrument" in run("instrument", command, "--help").out
