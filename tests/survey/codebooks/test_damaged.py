"""A damaged codebook of any kind ends in a questionnaire or in one of our errors, never in another."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sopsem.errors import SopsemError
from sopsem.survey import load_instrument
from sopsem.survey.codebooks.carriers import carrier_bytes
from sopsem.survey.codebooks.imports import CodebookImport, import_codebook

REDCAP = (
    "field_name,form_name,field_type,field_label,select_choices_or_calculations,matrix_group_name\n"
    'meet,f,radio,"We <b>meet</b>","1, Never | 2, Often, or always",team\n'
    'plan,f,radio,We plan,"1, Never | 2, Often, or always",team\n'
    'dept,f,dropdown,Department,"s, Sales | o, Operations",\n'
)
XLSFORM = (
    "type,name,label::English (en),appearance\nbegin group,g,Grid,table-list\nselect_one s,a,A,\n"
    "select_one s or_other,b,B,\nend group,,,\ninteger,years,Years?,\n"
)
CHOICES = "list_name,name,label::English (en)\ns,1,no\ns,2,yes\n"
SFRAME = {
    "meta": {"title": "T", "version": "1", "languages": "en"},
    "items": [
        {"id": "a", "label": "A", "type": "likert", "choice_set": "s", "scale_id": "f", "reverse": False},
        {"id": "b", "label": "B", "type": "likert", "choice_set": "s", "scale_id": "f", "reverse": True},
        {"id": "c", "label": "C", "type": "rating", "rating_max": 5},
    ],
    "choices": [{"id": "s", "values": [1, 2], "labels": ["no", "yes"]}],
    "scales": [{"id": "f", "label": "F", "items": ["a", "b"], "method": "mean", "min_valid": None}],
    "checks": [{"id": "k", "item_id": "c", "type": "attention", "pass_values": 2}],
    "models": [
        {
            "id": "m",
            "type": "cfa",
            "measurement": {"constructs": [{"id": "f", "items": ["a", "b"]}]},
            "structural": {"paths": [], "covariances": [], "indirect": []},
        }
    ],
}
BASES = {
    "q.toml": carrier_bytes(load_instrument(), Path("q.toml")),
    "q.csv": carrier_bytes(load_instrument(), Path("q.csv")),
    "redcap.csv": REDCAP.encode(),
    "survey.csv": XLSFORM.encode(),
    "q.sframe": json.dumps(SFRAME).encode(),
}
WORDS = [
    b'"',
    b",",
    b"|",
    b"\n",
    b"null",
    b"[]",
    b"{}",
    b"-1",
    b"true",
    b"\x00",
    b"\xff",
    b"1e999",
    b"items",
    b"'=",
]
VALUES = [None, 0, 1.5, True, "x", "", [], ["x"], [1], {}, {"x": 1}, 10**12, [[]], {"id": "q"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged")
    (path / "choices.csv").write_text(CHOICES)
    return path


def ends_well(path):
    try:
        found = import_codebook(path)
    except SopsemError as error:
        return bool(str(error))
    return isinstance(found, CodebookImport)


@pytest.mark.parametrize("name", BASES)
def test_the_files_themselves_are_sound(folder, name):
    (folder / name).write_bytes(BASES[name])
    assert import_codebook(folder / name).instrument.item_ids


EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 3, 20]), st.sampled_from(WORDS)), min_size=1, max_size=4
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(BASES)), EDITS)
def test_damaged_bytes(folder, name, edits):
    raw = bytearray(BASES[name])
    for where, length, word in edits:
        start = int(where * (len(raw) - 1))
        raw[start : start + length] = word
    (folder / name).write_bytes(raw)
    assert ends_well(folder / name)


def places(value, path=()):
    """Return the path of every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, part in inner:
        found += places(part, (*path, key))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(places(SFRAME)), st.sampled_from(VALUES))
def test_values_of_another_kind_in_json(folder, place, value):
    data = json.loads(json.dumps(SFRAME))
    target = data
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    (folder / "v.sframe").write_text(json.dumps(data))
    assert ends_well(folder / "v.sframe")
