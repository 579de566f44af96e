"""Readers under damaged files: every mutated file must end in answers or in one of sopsem's errors.

    python analysis/benchmarks/fuzz_readers.py                 # thousands of files, about half an hour
    python analysis/benchmarks/fuzz_readers.py --text 50 --binary 5 --out fuzz.csv

Each sample of ``tests/data/formats`` is mutated with one to four of: bits turned, bytes overwritten, a piece
cut out, doubled, put elsewhere or taken from another sample, the end cut off, structural characters put in, text
swapped for awkward text; of archives every other file is damaged inside and packed again.  File k of a sample
depends on (seed, sample, k) only.  Any other exception stops the run and keeps the file.  The result is written
to ``fuzz_readers_results.csv``.
"""

import argparse
import csv
import io
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

import sopsem

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "tests" / "data" / "formats"
BINARY = (".xlsx", ".xls", ".ods", ".sav", ".dta", ".parquet", ".zip")
ARCHIVES = (".xlsx", ".ods", ".zip")
MARKS = [
    b'"',
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\0",
    b"'",
    b"=",
    b"{",
    b"}",
    b"[",
    b"\xff",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
]
AWKWARD = [
    b"NaN",
    b"inf",
    b"1e400",
    b"1_000",
    b"TRUE",
    "٣".encode(),
    b"-99",
    b"9" * 400,
    b"",
    b"\x1b[31m",
    b"3,5",
    b"1.234",
]
EXTREMES = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80"]


def flip(rng, raw, _other):
    for place in rng.integers(0, len(raw), rng.integers(1, 9)):
        raw[place] ^= 1 << int(rng.integers(0, 8))
    return raw


def overwrite(rng, raw, _other):
    start = int(rng.integers(0, len(raw)))
    size = int(rng.integers(1, 65))
    raw[start : start + size] = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
    return raw


def extreme(rng, raw, _other):
    start = int(rng.integers(0, len(raw)))
    raw[start : start + 4] = EXTREMES[int(rng.integers(0, len(EXTREMES)))]
    return raw


def cut_out(rng, raw, _other):
    start = int(rng.integers(0, len(raw)))
    del raw[start : start + int(rng.integers(1, 1 + len(raw) // 4))]
    return raw


def double(rng, raw, _other):
    start = int(rng.integers(0, len(raw)))
    piece = raw[start : start + int(rng.integers(1, 400))]
    return raw[:start] + piece + raw[start:]


def splice(rng, raw, other):
    start, place = int(rng.integers(0, len(other))), int(rng.integers(0, len(raw)))
    return raw[:place] + other[start : start + int(rng.integers(1, 400))] + raw[place:]


def cut_off(rng, raw, _other):
    return raw[: int(rng.integers(0, len(raw)))]


def mark(rng, raw, _other):
    place = int(rng.integers(0, len(raw)))
    return raw[:place] + MARKS[int(rng.integers(0, len(MARKS)))] + raw[place:]


def awkward(rng, raw, _other):
    place = int(rng.integers(0, len(raw)))
    return raw[:place] + AWKWARD[int(rng.integers(0, len(AWKWARD)))] + raw[place + int(rng.integers(0, 4)) :]


MUTATIONS = (flip, overwrite, extreme, cut_out, double, splice, cut_off, mark, awkward)


def mutated(seed, name, k, samples):
    """Return mutated file k of a sample; of an archive every other file is mutated inside and packed again."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), k])
    other = samples[sorted(samples)[int(rng.integers(0, len(samples)))]]
    if name.endswith(ARCHIVES) and k % 2:
        return repacked(rng, samples[name], other)
    return damaged(rng, samples[name], other)


def repacked(rng, raw, other):
    """Return an archive one of whose parts is damaged, so that what reads the parts is reached."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    which = sorted(parts)[int(rng.integers(0, len(parts)))]
    parts[which] = damaged(rng, parts[which] or b"x", other)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)
    return packed.getvalue()


def damaged(rng, content, other):
    """Return bytes after one to four mutations."""
    raw = bytearray(content)
    for which in rng.integers(0, len(MUTATIONS), rng.integers(1, 5)):
        raw = bytearray(MUTATIONS[which](rng, raw, other)) or bytearray(b"\0")
    return bytes(raw)


def outcome(path, raw, instrument):
    """Read a file and return how it ended."""
    path.write_bytes(raw)
    try:
        sopsem.read_responses(path, instrument, duplicate_ids="keep", constant_items="keep")
    except sopsem.SopsemError as error:
        crashed = "it crashed" in str(error)
        return "child crashed, FileError" if crashed else type(error).__name__
    return "answers"


def campaign(name, n, seed, samples, folder, instrument):
    """Return the counts of one sample, and the longest time that a file took."""
    counts, slowest = Counter(), 0.0
    path = folder / name
    for k in range(n):
        raw = mutated(seed, name, k, samples)
        start = time.perf_counter()
        try:
            counts[outcome(path, raw, instrument)] += 1
        except Exception:
            print(f"{name}: mutated file {k} of seed {seed} is kept as {path}", file=sys.stderr)
            raise
        slowest = max(slowest, time.perf_counter() - start)
    return counts, slowest


def main(arguments=None):
    """Run the campaign and write its table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--text", type=int, default=1000, help="mutated files per text sample")
    parser.add_argument("--binary", type=int, default=200, help="mutated files per binary sample")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "fuzz_readers_results.csv")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "sopsem_fuzz")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    samples = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}
    instrument = sopsem.load_instrument()
    rows = []
    for name in samples:
        n = chosen.binary if name.endswith(BINARY) else chosen.text
        counts, slowest = campaign(name, n, chosen.seed, samples, chosen.folder, instrument)
        rows.append({"sample": name, "files": n, **counts, "slowest_seconds": round(slowest, 2)})
        print(rows[-1], file=sys.stderr)
    outcomes = sorted({key for row in rows for key in row} - {"sample", "files", "slowest_seconds"})
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    with chosen.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["sample", "files", *outcomes, "slowest_seconds"], restval=0)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
