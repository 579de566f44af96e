"""Survey files by type: a registry of readers, and the door every file passes first.

A new file format is one reader registered in `sopsem.survey.formats.readers`, and its signature.
"""

from sopsem.survey.formats.door import LARGEST_FILE
from sopsem.survey.formats.readers import formats, read_bytes, read_table
from sopsem.survey.formats.signatures import SIGNATURES

__all__ = ["LARGEST_FILE", "SIGNATURES", "formats", "read_bytes", "read_table"]
