"""Classes of draws: words that tell them apart."""

from sopsem.sem.resampling.draw_status import DrawStatus


def test_every_class_has_words_of_its_own():
    """No two classes read the same in a table."""
    labels = [s.label for s in DrawStatus]
    assert len(set(labels)) == len(labels) == 6
    assert DrawStatus.EMPTY_CATEGORY.label == "empty category in the resample"
