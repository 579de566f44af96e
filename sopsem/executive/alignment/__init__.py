"""Alignment as one measured state: nine components, their index, and how far it depends on their weights."""

from sopsem.executive.alignment.index import AlignmentIndex, alignment_index, compare_units
from sopsem.executive.alignment.measuring import AlignmentMeasures, alignment_measures

__all__ = ["AlignmentIndex", "AlignmentMeasures", "alignment_index", "alignment_measures", "compare_units"]
