"""The chapter that sets what people say of alignment beside what the records of their units say.

Its modules, and the whole executive part with them, are loaded by the first report that has records.
"""

from typing import TYPE_CHECKING

from sopsem.on_demand import on_demand

__all__ = [
    "Records",
    "joined_label",
    "operations_chapter",
    "operations_headline",
    "operations_part",
    "read_records",
]

if TYPE_CHECKING:
    from sopsem.report.client.operations.comparison import operations_chapter
    from sopsem.report.client.operations.part import joined_label, operations_headline, operations_part
    from sopsem.report.client.operations.records import Records, read_records
else:
    _HOMES = {
        "comparison": "operations_chapter",
        "part": "joined_label operations_headline operations_part",
        "records": "Records read_records",
    }
    __getattr__ = on_demand(__name__, _HOMES)


def __dir__() -> list[str]:
    """Return the public names too, loaded or not."""
    return sorted({*globals(), *__all__})
