"""XLSForm: as a workbook and as CSV files beside one another."""

import csv

import pytest

from sopsem.errors import DataError, FileError, UsageError
from sopsem.survey.codebooks.imports import import_codebook

SURVEY = [
    [
        "type",
        "name",
        "label::English (en)",
        "label::Deutsch (de)",
        "appearance",
        "relevant",
        "hint::English (en)",
    ],
    ["start", "start", "", "", "", "", ""],
    ["note", "hello", "Welcome", "Willkommen", "", "", ""],
    ["begin group", "grid", "How far do you agree?", "Wie sehr?", "table-list", "", ""],
    ["select_one agree5", "meet", "We meet", "Wir treffen uns", "", "", ""],
    ["select_one agree5", "q-blame", "We blame", "Wir klagen an", "", "${meet} > 1", ""],
    ["end group", "", "", "", "", "", ""],
    ["select_one agree5", "calm", "We are calm", "Wir sind ruhig", "likert", "", ""],
    ["select_one depts or_other", "dept", "Department?", "Abteilung?", "", "", ""],
    ["select_multiple depts", "all", "All?", "Alle?", "", "", ""],
    ["integer", "years", "Years?", "Jahre?", "", "", ""],
    ["begin repeat", "kids", "", "", "", "", ""],
    ["text", "kid", "Name", "Name", "", "", ""],
    ["end repeat", "", "", "", "", "", ""],
]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Deutsch (de)"],
    *[["agree5", str(k), f"agree {k}", f"Zustimmung {k}"] for k in range(1, 6)],
    ["depts", "sales", "Sales", "Vertrieb"],
    ["depts", "ops", "Operations", "Betrieb"],
]
SETTINGS = [["form_title", "version", "default_language"], ["Alignment", "2026-1", "Deutsch (de)"]]


def write_csv(folder, **sheets):
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder / "survey.csv"


@pytest.fixture
def form(tmp_path):
    return write_csv(tmp_path, survey=SURVEY, choices=CHOICES, settings=SETTINGS)


def test_questions_in_tables_are_items_in_the_default_language(form):
    found = import_codebook(form)
    instrument = found.instrument
    assert found.kind == "XLSForm"
    assert (instrument.title, instrument.version, instrument.language) == ("Alignment", "2026-1", "de")
    assert instrument.item_ids == ("meet", "q_blame", "calm")
    assert instrument.items["q_blame"].column == "q-blame"
    assert instrument.items["meet"].text == "Wir treffen uns"
    assert {item.scale for item in instrument.items.values()} == {"agree5"}
    assert dict(instrument.background["dept"].codes) == {"sales": "Vertrieb", "ops": "Betrieb"}
    assert list(instrument.background) == ["dept", "years"]


def test_the_language_can_be_chosen_by_name_or_code(form):
    assert import_codebook(form, language="en").instrument.items["meet"].text == "We meet"
    assert import_codebook(form, language="English").instrument.scale_of("meet").codes[5] == "agree 5"
    with pytest.raises(UsageError, match="choose one language of English"):
        import_codebook(form, language="fr")


def test_what_is_left_out_or_open_is_noted(form):
    notes = "\n".join(import_codebook(form).notes)
    for words in (
        "an XLSForm does not say which items are reversed",
        "table grid stands together on the page; is it one construct?: meet, q-blame",
        "questions of type select_multiple are left out: all",
        "questions of type inside a repeat are left out: kid",
        "questions of type note are left out: hello",
        "or_other of dept is not carried over",
        "relevant is not carried over: q-blame",
        "renamed, the old name stays the column: q-blame -> q_blame",
        "no construct is given for: meet, q_blame, calm",
    ):
        assert words in notes


def test_several_languages_without_a_choice_are_refused(tmp_path):
    path = write_csv(tmp_path, survey=SURVEY, choices=CHOICES)
    with pytest.raises(UsageError, match=r"choose one language of English \(en\), Deutsch \(de\)"):
        import_codebook(path)


def test_a_form_in_one_language_needs_no_choice(tmp_path):
    survey = [["type", "name", "label", "appearance"], ["select_one s", "a", "A", "likert"]]
    choices = [["list name", "name", "label"], ["s", "1", "no"], ["s", "2", "yes"]]
    found = import_codebook(write_csv(tmp_path, survey=survey, choices=choices))
    assert dict(found.instrument.scale_of("a").codes) == {1: "no", 2: "yes"}
    assert "the form does not say its language" in found.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda survey, _: survey[4].__setitem__(0, "select_one agre5"),
            "no list 'agre5' among the choices, did you",
        ),
        (
            lambda _, choices: choices.append(["agree5", "1", "x", "x"]),
            "list 'agree5': name '1' stands twice",
        ),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(tmp_path, change, words):
    survey, choices = [list(r) for r in SURVEY], [list(r) for r in CHOICES]
    change(survey, choices)
    with pytest.raises(DataError) as caught:
        import_codebook(write_csv(tmp_path, survey=survey, choices=choices, settings=SETTINGS))
    assert words in str(caught.value)


def test_the_files_beside_it_stay_in_the_folder(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "form"
    outside.mkdir()
    inside.mkdir()
    write_csv(outside, choices=CHOICES)
    (inside / "choices.csv").symlink_to(outside / "choices.csv")
    with pytest.raises(FileError, match=r"choices\.csv"):
        import_codebook(write_csv(inside, survey=SURVEY, settings=SETTINGS))


def test_a_workbook_says_the_same_as_the_files(tmp_path, form):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name, rows in (("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS), ("mine", [["x"]])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.remove(book["Sheet"])
    book.save(tmp_path / "survey.xlsx")
    assert import_codebook(tmp_path / "survey.xlsx") == import_codebook(form)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b.xlsx").write_bytes(b"x,y\n1,2\n")
    with pytest.raises(FileError, match="no known codebook"):
        import_codebook(tmp_path / "a.csv")
    with pytest.raises(FileError, match=r"no codebook ends in '\.pdf'"):
        import_codebook(tmp_path / "a.pdf")
    with pytest.raises(FileError, match=r"b\.xlsx"):
        import_codebook(tmp_path / "b.xlsx")
