"""Parquet files, by column."""

import io
from typing import Any

from sopsem.survey.formats.child.answer import Refusal, coded, refuse_large
from sopsem.survey.formats.child.serve import serve

try:
    from pyarrow import parquet
except ImportError:
    parquet = None

__all__ = ["read_parquet"]


def read_parquet(raw: bytes, option: str | None) -> dict[str, Any]:
    """Return the columns of a Parquet file; its text is always UTF-8, so there is no option."""
    del option
    if parquet is None:
        raise Refusal("library", "pyarrow")
    file = parquet.ParquetFile(io.BytesIO(raw))
    refuse_large(file.metadata.num_rows, file.metadata.num_columns)
    table = file.read()
    columns = [
        {"name": name, "heading": "", "labels": {}, "missing": {}, **coded(column.to_pylist())}
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return {"columns": columns, "encoding": "utf-8"}


if __name__ == "__main__":
    serve({"parquet": read_parquet})
