"""Alignment as one measured state: nine components, their index, and how far it depends on their weights."""

from sopsem.executive.alignment.delivery import DeliveryRecord, delivery_record, on_time_in_full
from sopsem.executive.alignment.index import AlignmentIndex, alignment_index, compare_units
from sopsem.executive.alignment.measuring import AlignmentMeasures, alignment_measures, measures_before

__all__ = [
    "AlignmentIndex",
    "AlignmentMeasures",
    "DeliveryRecord",
    "alignment_index",
    "alignment_measures",
    "compare_units",
    "delivery_record",
    "measures_before",
    "on_time_in_full",
]
