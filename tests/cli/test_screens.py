"""What a newcomer meets on a terminal: lines that fit, words instead of names of columns, digits that are read."""

import re

import pytest

import sopsem
from sopsem.report.escape import display_width

WIDEST = 115
NAMES = r"ci_lower|ci_upper|pvalue\w*|chisq\w*|construct[12]|factor[12]|std_all|se_share|\w+_diff"
CODE = rf"(?<!=)\b(True|False|None|nan|{NAMES})\b"
MODEL = """
coordination =~ col1 + col2 + col3 + col4
alignment =~ ali1 + ali2 + ali3 + ali4
internal =~ int1 + int2 + int3
alignment ~ coordination
internal ~ alignment + coordination
"""


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "SURVEY"),
        ("screen",),
        ("validate", "--draws", 20),
        ("mediation", "--draws", 20),
        ("method",),
        ("gaps",),
        ("drivers", "--draws", 20),
        ("fit", "MODEL", "SURVEY"),
        ("syntax", "MODEL"),
        (
            "invariance",
            "SURVEY",
            "--model",
            "MODEL",
            "--group",
            "department",
            "--group-label",
            "sales,operations",
        ),
    ],
    ids=lambda words: words[0],
)
def test_a_screen_is_made_of_words_and_fits(run, tmp_path, words):
    model = tmp_path / "model.txt"
    model.write_text(MODEL, "utf-8")
    named = {"SURVEY": sopsem.find_survey(), "MODEL": model}
    shown = run(*(named.get(word, word) for word in words))
    assert shown.code == 0, shown.err
    wide = [line for line in shown.out.splitlines() if display_width(line) > WIDEST]
    assert wide == []
    assert re.findall(CODE, shown.out) == []
    assert re.findall(r"\d\.\d{7,}", shown.out) == []
