"""Labels that another program accepts, with the ties they make."""

from sopsem.sem.export.labels import labels_of
from sopsem.sem.export.names import mplus_names, r_names
from sopsem.sem.model.spec import model_spec


def test_equalities_over_groups_keep_one_label():
    """Rows that shared .p2. share eq2."""
    spec = model_spec("f =~ a + b + c", groups=["1", "2"], group_equal="loadings")
    labels = labels_of(spec, r_names)
    assert {x for x in labels.of_row if x} == {"eq2", "eq3"}
    assert labels.of_row.count("eq2") == 2


def test_a_row_named_by_its_path_gets_a_label():
    """Effect coding names loadings by their paths."""
    labels = labels_of(model_spec("f =~ a + b + c", effect_coding=True), r_names)
    assert [labels.of_name[f"f=~{v}"] for v in "abc"] == ["par1", "par2", "par3"]


def test_bounds_get_a_label_where_they_must_be_written_as_constraints():
    """Mplus has no bounds of its own."""
    spec = model_spec("f =~ a + lower(0)*b + c")
    assert "".join(labels_of(spec, r_names).of_row) == ""
    assert "".join(labels_of(spec, mplus_names, bounds=True).of_row) == "par2"
