"""The questionnaire file: what ships, and every fault told with its place."""

import pickle
import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError, FileError, ResourceLimitError, SopsemError
from sopsem.survey import Instrument, Item, load_instrument, shipped_instruments
from sopsem.survey.questionnaire import questionnaire

GOOD = """
title = "t"
version = "1"
language = "en"
model = "f =~ a + b"
[missing]
"" = "no answer"
[scales.s.codes]
1 = "no"
2 = "yes"
[constructs.f]
label = "F"
[items.a]
text = "A"
construct = "f"
scale = "s"
[items.b]
text = "B"
construct = "f"
scale = "s"
"""


@pytest.fixture
def load(tmp_path):
    def loader(text):
        (tmp_path / "q.toml").write_text(text, encoding="utf-8")
        return load_instrument(tmp_path / "q.toml")

    return loader


def faults(load, text, error=DataError):
    with pytest.raises(error) as caught:
        load(text)
    return str(caught.value)


def test_the_alignment_questionnaire_has_eighteen_items_in_five_constructs(instrument):
    sizes = [
        len(instrument.items_of(c)) for c in ("coordination", "conflict", "alignment", "internal", "market")
    ]
    assert sizes == [4, 4, 4, 3, 3]
    assert instrument.item_ids == tuple(
        f"{stem}{k}" for stem, n in zip(["col", "con", "ali", "int", "mkt"], sizes, strict=True)
        for k in range(1, n + 1)
    )  # fmt: skip
    assert instrument.constructs["performance"].of == ("internal", "market")


def test_two_conflict_items_are_reversed_and_no_other_item_of_the_model(instrument):
    assert [name for name in instrument.reversed_ids if name in instrument.item_ids] == ["con3", "con4"]


def test_every_scale_has_seven_labelled_codes(instrument):
    assert {name: list(scale.codes) for name, scale in instrument.scales.items()} == {
        "agreement": [*range(1, 8)],
        "plan": [*range(1, 8)],
        "competitors": [*range(1, 8)],
    }
    assert instrument.scale_of("mkt3").anchors == ("much worse", "much better")


def test_optional_items_stand_outside_the_model(instrument):
    assert instrument.optional_ids == ("via1", "via2", "via3", "mrk1", "mrk2", "mrk3", "chk1")
    assert not any(name in instrument.model for name in instrument.optional_ids)
    assert instrument.items["chk1"].expected == 3


def test_every_construct_measured_by_the_model_names_candidate_sources_only(instrument):
    first_order = [
        c for name, c in instrument.constructs.items() if instrument.items_of(name) and name != "attention"
    ]
    assert all(c.candidate_sources and not c.sources for c in first_order)


def test_the_four_regions_of_the_study_can_be_answered(instrument):
    assert {"europe", "usa_canada", "asia_pacific", "latin_america"} <= set(
        instrument.background["region"].codes
    )
    assert instrument.background["respondent"].unique


def test_every_shipped_file_loads():
    assert "sop_alignment" in shipped_instruments()
    assert all(load_instrument(name).item_ids for name in shipped_instruments())


def test_an_instrument_is_frozen_all_the_way_down_and_pickles(instrument):
    with pytest.raises(ValueError, match="frozen"):
        instrument.title = "x"
    with pytest.raises(TypeError):
        instrument.items["new"] = None
    with pytest.raises(TypeError):
        instrument.scale_of("col1").codes[8] = "x"
    assert pickle.loads(pickle.dumps(instrument)) == instrument


@pytest.mark.parametrize(
    ("rule", "needed"), [("", 1), ("min_valid = 2", 2), ("min_valid = 0.6", 2), ("min_valid = 1.0", 2)]
)
def test_a_construct_says_how_many_answers_a_mean_needs(load, rule, needed):
    assert load(GOOD.replace('label = "F"', f'label = "F"\n{rule}')).answers_needed("f") == needed


def test_its_repr_fits_one_screen(instrument):
    assert "18 items (+ 7 optional)" in repr(instrument)
    assert len(repr(instrument).splitlines()) < 15


def test_a_good_file_loads_from_a_path_and_with_a_byte_order_mark(load):
    assert load("\ufeff" + GOOD).item_ids == ("a", "b")
    assert isinstance(load(GOOD).items["a"], Item)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('text = "B"', 'text = "B"\nrevers = true', "items.b.revers: unknown key, did you mean 'reverse'?"),
        ('text = "B"', "", "items.b.text: missing, but required"),
        ('text = "B"', "text = 5", "items.b.text: input should be a valid string"),
        ('text = "B"', 'text = "B"\nreverse = "yes"', "items.b.reverse: input should be a valid boolean"),
        ('title = "t"', 'titel = "t"', "titel: unknown key, did you mean 'title'?"),
        ('title = "t"', 'x.y = "t"', "title: missing, but required"),
        ('label = "F"', 'lable = "F"', "constructs.f.lable: unknown key, did you mean 'label'?"),
        (
            'label = "F"',
            'label = "F"\nmin_valid = 3',
            "constructs.f.min_valid: '3' is neither a count from 1 to 2",
        ),
        ('label = "F"', 'label = "F"\nmin_valid = 1.5', "'1.5' is neither a count"),
        ('label = "F"', 'label = "F"\nmin_valid = true', "'True' is neither a count"),
        ('label = "F"', 'label = "F"\nmin_valid = "2"', "'2' is neither a count"),
        ("[items.b]", "[items.a-b]", "items.'a-b': a name is ASCII letters, digits and _"),
        ("[items.b]", "[items.f]", "items.f: the name is already used in constructs"),
        ('text = "B"', 'text = "B"\ncolumn = "a"', "items.b.column: 'a' is already the column of items.a"),
        ('text = "B"', 'text = "B"\nexpected = 7', "items.b.expected: 7 is not a code of the scale 's'"),
        ('2 = "yes"', 'x = "yes"', "scales.s.codes.x: a code is an integer"),
        ('2 = "yes"', '01 = "yes"', "scales.s.codes: code 1 is given twice"),
        ('2 = "yes"', '2 = " NO "', "scales.s.codes: label 'no' is given 2 times"),
        ('"" = "no answer"', '2 = "none"', "missing: '2' is also an answer: scales.s.codes.2"),
        ('"" = "no answer"', '"" = "Yes"', "missing: 'yes' is also the label of scales.s.codes.2"),
        ('label = "F"', 'label = "F"\nof = ["f"]', "constructs.f.of: a construct cannot be made of itself"),
        ('label = "F"', 'label = "F"\nof = ["k"]', "constructs.f.of: unknown construct 'k'"),
        ('label = "F"', 'label = "F"\n[constructs.g]\nlabel = "G"', "constructs.g: has neither items nor"),
        ("f =~ a + b", "f =~ a + c", "model, line 1: unknown name 'c'"),
    ],
)
def test_a_fault_is_told_with_its_place(old, new, expected, load):
    assert old in GOOD
    assert expected in faults(load, GOOD.replace(old, new, 1))


def test_an_unknown_construct_and_an_unknown_scale_are_suggested(load):
    text = GOOD.replace("constructs.f", "constructs.fun").replace('"f"', '"fum"').replace('"s"', '"S"')
    found = faults(load, text)
    assert "items.a.construct: unknown construct 'fum', did you mean 'fun'?" in found
    assert "items.b.scale: unknown scale 'S', did you mean 's'?" in found


def test_a_reversed_item_needs_codes(load):
    text = GOOD.replace("[scales.s.codes]", "[scales.s]").replace('1 = "no"\n2 = "yes"', 'stem = "?"')
    assert "items.a.reverse: the scale 's' has no codes" in faults(
        load, text.replace('text = "A"', 'text = "A"\nreverse = true')
    )
    assert load(text).item_ids == ("a", "b")


@pytest.mark.parametrize("replacement", ["optional = true\ntext", None])
def test_no_items_is_a_fault(replacement, load):
    text = GOOD.replace("f =~ a + b", "")
    text = text.replace("text", replacement) if replacement else text[: text.index("[items.a]")]
    assert "items: no items" in faults(load, text)


def test_all_faults_are_told_at_once(load):
    text = GOOD.replace('title = "t"', "").replace('text = "B"', "txt = 1").replace('"s"', '"z"', 1)
    assert "q.toml': 4 problems" in faults(load, text)


def test_bad_toml_names_the_line(load):
    assert "line 2" in faults(load, 'title = "t"\nversion = = 1')


def test_a_key_given_twice_is_refused(load):
    assert "not valid TOML" in faults(load, GOOD.replace('text = "A"', 'text = "A"\ntext = "C"'))


def test_limits_on_size_and_depth(load):
    faults(load, GOOD + "#" * 1_000_000, ResourceLimitError)
    faults(load, "a = " + "[" * 100_000, ResourceLimitError)
    faults(load, "a = " + "9" * 10_000)


def test_unreadable_files_are_file_errors(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe4"')
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "latin.toml", "a\0.toml"):
        with pytest.raises(FileError):
            load_instrument(path)


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(FileError, match="did you mean 'sop_alignment'"):
        load_instrument("sop_alignmnet")


TEXT = (resources.files("sopsem") / "instruments" / "sop_alignment.toml").read_text(encoding="utf-8")
WORDS = st.sampled_from(
    ["=", '"', "[", "]", "\n", "items", "true", "1", "codes", "{}", "[items.x]\n", "con3", "\0"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 30), WORDS), min_size=1, max_size=3))
def test_a_damaged_file_loads_or_is_refused_but_never_breaks(tmp_path_factory, edits):
    text = TEXT
    for start, length, word in edits:
        text = text[:start] + word + text[start + length :]
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_text(text, encoding="utf-8")
    try:
        loaded = load_instrument(path)
    except SopsemError as error:
        loaded = error
    assert isinstance(loaded, Instrument) or "damaged.toml" in str(loaded)


VALUES = st.sampled_from(
    [None, 0, 1.5, True, "x", "", [], ["x"], [1], {}, {"x": 1}, {"x": {}}, {"x": {"codes": 1}}]
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["title", "missing", "scales", "constructs", "items", "background", "model"]), VALUES
    )
)
def test_values_of_any_shape_are_refused_with_a_place(changes):
    with pytest.raises(DataError):
        questionnaire({**tomllib.loads(TEXT), "junk": 1, **changes}, "dict")
