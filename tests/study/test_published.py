"""PublishedStudy: shipped studies, cells, faults of study files."""

import pytest
from study_editing import misprinted, raw_study

from sopsem.errors import DataError, FileError
from sopsem.sem.model.spec import model_spec
from sopsem.study.published import PublishedStudy, load_study, shipped_studies

EFFECTS = [
    "conflict~coordination",
    "alignment~coordination",
    "performance~coordination",
    "performance~conflict",
    "performance~alignment",
]


def test_the_cells_of_the_paper_have_the_agreed_ids():
    """Every printed result of the paper appears once, under the id used by all comparisons."""
    ids = load_study().cells()["id"].tolist()
    fit = ["chisq", "df", "npar", "pvalue", "dchisq", "dpvalue", "cfi", "tli", "rmsea", "srmr"]
    effects = [f"{prefix}:{name}" for prefix in ("effect", "ci_lower", "ci_upper", "p") for name in EFFECTS]
    assert ids == fit + effects


def test_cells_hold_print_value_and_interval():
    """A cell keeps the text, the value, the rounding interval and the kind; no p-value lies below 0."""
    cells = load_study().cells().set_index("id")
    assert cells.loc["ci_upper:alignment~coordination", ["printed", "decimals", "kind"]].tolist() == [
        "0.69",
        2,
        "limit",
    ]
    assert cells.loc["chisq", ["value", "lower", "upper"]].tolist() == [169.04, 169.035, 169.045]
    assert cells.loc["p:conflict~coordination", ["lower", "upper"]].tolist() == [0.0, 0.01]
    assert cells.loc["npar", ["printed", "kind"]].tolist() == ["42", "implied"]


def test_a_second_kind_of_effect_on_one_pair_has_its_own_id():
    """Total and indirect effect of one predictor do not share a cell."""
    data = raw_study("sales_operations_alignment")
    row = {"outcome": "performance", "predictor": "coordination", "kind": "indirect", "est": "0.404"}
    data["effects"]["rows"].append(row)
    ids = PublishedStudy.model_validate({"name": "x"} | data).cells()["id"].tolist()
    assert "effect:performance~coordination" in ids
    assert "effect:indirect:performance~coordination" in ids


def test_a_row_given_twice_is_refused():
    """The same effect in two rows would hide one of them."""
    data = raw_study("sales_operations_alignment")
    data["effects"]["rows"].append(data["effects"]["rows"][0])
    with pytest.raises(ValueError, match="holds a row twice: conflict~coordination"):
        PublishedStudy.model_validate({"name": "x"} | data)


def test_the_number_of_items_follows_from_the_printed_df():
    """18 items is the only count that gives 129 df in the stated structure; 128 df has none."""
    study = load_study()
    assert (study.n_items, study.npar) == (18, 42)
    assert study.structure.item_counts(113) == [17]
    assert study.structure.item_counts(146) == [19]
    assert misprinted(study.name, "fit.df", "128").n_items is None


@pytest.mark.parametrize("name", shipped_studies())
def test_model_text_and_stated_structure_agree(name):
    """The model text of every shipped study frees as many parameters as its stated structure counts."""
    study = load_study(name)
    assert sum(row.free for row in model_spec(study.model.text)) == study.structure.free_parameters(
        study.n_items
    )


@pytest.mark.parametrize("name", shipped_studies())
def test_a_study_shows_itself_in_one_line(name):
    """The repr names the study and its N."""
    study = load_study(name)
    assert str(study) == repr(study)
    assert "\n" not in repr(study)
    assert f"N = {study.n}" in repr(study)


def test_a_study_is_frozen():
    """A published number cannot be changed by assignment."""
    with pytest.raises(ValueError, match="frozen"):
        load_study().n = 71


BAD = """
title = "x"
source = "y"
n = 92
[analysis]
programme = "AMOS"
[fit]
chisqr = "3"
cfi = 0.94
tli = "abc"
[nested]
freed = "performance on coordination"
dchisq = "3.19"
ddf = "1"
[[effects.rows]]
outcome = "a"
predictr = "b"
est = "0.1"
"""


def test_every_fault_is_listed_with_its_place(tmp_path):
    """A bad file gives one error that names each fault, its place, and the nearest key."""
    path = tmp_path / "bad.toml"
    path.write_text(BAD)
    with pytest.raises(DataError) as caught:
        load_study(path)
    message = str(caught.value)
    assert "analysis.program: missing, but required" in message
    assert "analysis.programme: unknown key, did you mean 'program'?" in message
    assert "fit.chisqr: unknown key, did you mean 'chisq'?" in message
    assert 'fit.cfi: write the printed number as text, "0.94"' in message
    assert "fit.tli: 'abc' is not a printed number" in message
    assert "nested.freed" in message
    assert "effects.rows.0.predictr: unknown key, did you mean 'predictor'?" in message
    assert "8 fault(s)" in message


@pytest.mark.parametrize(
    ("content", "match"),
    [(None, "cannot be read"), (b"title = ", "not valid TOML"), (b"\xff\xfe\x00", "cannot be read")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, match):
    """A missing file, broken TOML and bytes that are not UTF-8 are file errors."""
    path = tmp_path / "study.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=match):
        load_study(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    """A file larger than a page of numbers can be is refused."""
    path = tmp_path / "study.toml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(FileError, match="larger than"):
        load_study(path)


def test_a_path_gives_the_same_study_as_a_name(tmp_path):
    """A copy of a shipped file loads to the same cells."""
    path = tmp_path / "copy.toml"
    shipped = load_study("political_democracy")
    path.write_text((load_study.__globals__["_SHIPPED"] / "political_democracy.toml").read_text("utf-8"))
    assert load_study(path).cells().equals(shipped.cells())
