"""Zip and gzip archives, checked before anything in them is parsed: number, size and ratio of what they hold.

Nothing is ever unpacked to a disk.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from sopsem.errors import FileError, ResourceLimitError
from sopsem.survey.messages import quote

__all__ = ["MOST_ENTRIES", "MOST_UNPACKED", "check_archive", "gunzip", "single_file"]

MOST_UNPACKED = 200_000_000  # bytes
MOST_RATIO = 100
RATIO_FROM = 3_000_000  # bytes: a smaller file is no danger, however well it is packed
MOST_ENTRIES = 2000
BLOCK = 1 << 20
# an entity that is declared can be repeated without end, or read another file; no survey needs one
DECLARED = tuple(w.encode(e) for w in ("<!DOCTYPE", "<!ENTITY") for e in ("utf-8", "utf-16-le", "utf-16-be"))
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError, RuntimeError)


def check_archive(raw: bytes, title: str) -> None:
    """Read every entry of a zip archive through, and refuse what is too large, unsafe or damaged.

    Raises
    ------
    FileError
        Damaged or cut short, with a password, with a path that leaves the archive, or XML with a document type.
    ResourceLimitError
        Too many entries, too large, or packed more than 100 to 1.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            _check_directory(entries, len(raw), title)
            for entry in entries:
                _read_through(archive, entry, title)
    except DAMAGED as error:
        raise FileError(f"{title}: the file is damaged or cut short: {error}") from error


def _check_directory(entries: list[zipfile.ZipInfo], packed: int, title: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ResourceLimitError(
            f"{title}: {len(entries):,} files in the archive, more than the limit of {MOST_ENTRIES:,}"
        )
    refuse_size(sum(entry.file_size for entry in entries), packed, title)
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
            raise FileError(f"{title}: the archive has the unsafe path {quote(entry.filename)}")
        if entry.flag_bits & 1:
            raise FileError(f"{title}: the archive is protected with a password; save it without one")


def refuse_size(unpacked: int, packed: int, title: str) -> None:
    """Raise ResourceLimitError for too much, or for too much from too little."""
    if unpacked > MOST_UNPACKED:
        raise ResourceLimitError(
            f"{title}: unpacks to {unpacked:,} bytes or more, the limit is {MOST_UNPACKED:,}"
        )
    if unpacked > RATIO_FROM and unpacked > MOST_RATIO * packed:
        raise ResourceLimitError(
            f"{title}: unpacks to {unpacked:,} bytes from {packed:,}, more than the limit of {MOST_RATIO} to 1"
        )


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, title: str) -> None:
    """Unpack an entry block by block and forget it; zipfile stops at the size that the directory says."""
    markup = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    with archive.open(entry) as stream:
        while block := stream.read(BLOCK):
            if markup and any(mark in tail + block for mark in DECLARED):
                raise FileError(
                    f"{title}: the part {quote(entry.filename)} declares a document type; refused"
                )
            tail = block[-20:]


def single_file(raw: bytes, title: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the only file in an archive, as survey tools pack their exports.

    Raises
    ------
    FileError
        None or several files.

    """
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = [e for e in archive.infolist() if not e.is_dir() and not e.filename.startswith("__MACOSX/")]
        if len(files) != 1:
            raise FileError(f"{title}: holds {len(files)} files; unpack it and give the one with the survey")
        return PurePosixPath(files[0].filename).name, archive.read(files[0])


def gunzip(raw: bytes, title: str) -> bytes:
    """Return the content of a gzip archive.

    Raises
    ------
    FileError
        Damaged or cut short.
    ResourceLimitError
        Too large, or packed more than 100 to 1.

    """
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    parts, size, rest = [], 0, raw
    try:
        while rest and not unpacker.eof:
            parts.append(unpacker.decompress(rest, BLOCK))
            size += len(parts[-1])
            refuse_size(size, len(raw), title)
            rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise FileError(f"{title}: the file is damaged: {error}") from error
    if not unpacker.eof:
        raise FileError(f"{title}: the file is cut short")
    return b"".join(parts)
