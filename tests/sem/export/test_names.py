"""Names that R and Mplus accept."""

from sopsem.sem.export.names import mplus_names, r_names


def test_names_that_r_accepts_stay():
    """Only what needs quotes is renamed, and no two names become one."""
    made = r_names(["x1", "a.b", "a b", "a_b", "2nd", "NA"])
    assert made["x1"] == "x1"
    assert made["a.b"] == "a.b"
    assert made["a_b"] == "a_b"
    assert len(set(made.values())) == 6
    assert not any(" " in name or name[0].isdigit() for name in made.values())


def test_mplus_names_are_short_and_differ_without_regard_to_capitals():
    """Eight characters, no reserved words, no two alike."""
    names = [
        "coordination1",
        "coordination2",
        "Coordination3",
        "with",
        "x.1",
        "X_1",
        *(f"longername{i}" for i in range(12)),
    ]
    made = mplus_names(names)
    assert all(len(v) <= 8 for v in made.values())
    assert len({v.lower() for v in made.values()}) == len(names)
    assert made["with"] != "with"
