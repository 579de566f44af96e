"""``sopsem verify``: a result made again from its manifest, and every leaf compared."""

import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from sopsem.cli.app import app, leaf_commands
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.provenance import NO_RESULT, SEAL, seal_of, surroundings
from sopsem.errors import FileError, ResourceLimitError, SopsemError, UsageError, VerificationError
from sopsem.report.escape import terminal_text
from sopsem.study.verification import Difference, differences, sorted_by_cause

__all__ = ["verify_command"]

LARGEST = 200 * 1024 * 1024
SHOWN = 10
MANIFEST = "manifest.json"
TEXTS = (".json", ".csv", ".md", ".tex")
AS_DATA = ("survey", "data", "client")


@dataclass(frozen=True, kw_only=True)
class _Record:
    """A result on disk: its JSON, whose ``manifest`` says how it was made, and the folder it lies in."""

    name: str
    content: dict[str, Any]
    folder: Path
    whole_folder: bool

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest, which has a command and its options."""
        return dict(self.content["manifest"])


@app.command("verify", epilog="Example: sopsem verify results --data responses.csv")
def verify_command(
    result: Annotated[
        Path, typer.Argument(help="Folder of --out with its manifest.json, or a JSON file of --json.")
    ],
    data: Annotated[
        Path | None, typer.Option(help="The data file, where it is not found from the result.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="The model file, likewise.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help="Any other file as OPTION=FILE, e.g. against=norm.csv; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a result again from its manifest and refuse a mismatch: exit code 9, naming what differs."""
    record = _read(result)
    given = _given_files(data, model, inputs or [])
    found = _checks(record)
    try:
        again = _again(record, given)
    except VerificationError as error:
        found += differences(record.manifest, _now(record, given), "manifest")
        found.append(Difference(place="recomputation", recorded="a result", found=str(error)))
    else:
        found += _compared(record, again)
    _report(record, found, as_json=as_json)


def _given_files(data: Path | None, model: Path | None, inputs: list[str]) -> dict[str, Path | None]:
    """Return option -> file of what is told on the command line."""
    files: dict[str, Path | None] = {"data": data, "model": model}
    for text in inputs:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"--input {text}: write OPTION=FILE, e.g. against=norm.csv")
        files[name.strip()] = Path(path)
    return files


def _read(path: Path) -> _Record:
    """Read the JSON of a result; FileError where it is none, or says not how it was made."""
    whole = path.is_dir()
    file = path / MANIFEST if whole else path
    if not file.is_file():
        raise FileError(
            f"{file}: there is no such file; give a folder made by --out or a JSON file of --json"
        )
    if file.stat().st_size > LARGEST:
        raise ResourceLimitError(f"{file}: larger than the limit of {LARGEST:,} bytes")
    try:
        content = json.loads(file.read_text("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_refuse)
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise FileError(f"{file}: is no JSON file of sopsem ({error})") from error
    if whole:
        content = {"manifest": content, **_texts(path)}
    manifest = content.get("manifest") if isinstance(content, dict) else None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("options"), dict):
        raise FileError(
            f"{file}: carries no manifest with a command, so it cannot be made again; results of this "
            "version have one in --out FOLDER and in --json"
        )
    return _Record(name=str(path), content=content, folder=file.parent, whole_folder=whole)


def _texts(folder: Path) -> dict[str, Any]:
    """Return the files of a folder that hold numbers as text: JSON as values, the others by their lines."""
    found: dict[str, Any] = {}
    for path in sorted(p for p in folder.iterdir() if p.suffix in TEXTS and p.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        try:
            found[path.name] = json.loads(text) if path.suffix == ".json" else text.splitlines()
        except (RecursionError, ValueError):
            found[path.name] = text
    found.pop(MANIFEST, None)
    return found


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _checks(record: _Record) -> list[Difference]:
    """Return what differs without computing anything: the seal, and the files of a folder."""
    manifest, found = record.manifest, []
    now = seal_of({"manifest": manifest} if record.whole_folder else record.content)
    if manifest.get(SEAL) != now:
        found.append(Difference(place=f"manifest.{SEAL}", recorded=manifest.get(SEAL), found=now))
    if record.whole_folder:
        listed = manifest.get("files")
        found += list(differences(listed, _hashes(record.folder, listed), "manifest.files"))
    return found


def _hashes(folder: Path, listed: object) -> dict[str, str]:
    """Return the hash of every listed file that is there; none outside of the folder is opened."""
    names = [n for n in listed if Path(n).name == n] if isinstance(listed, Mapping) else []
    return {n: sha256((folder / n).read_bytes()).hexdigest() for n in names if (folder / n).is_file()}


def _again(record: _Record, given: Mapping[str, Path | None]) -> dict[str, Any]:
    """Run the command of the manifest and return what it gives; VerificationError where it gives nothing."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "again")
        extra = ["--json", *(["--out", str(folder)] if record.whole_folder else [])]
        arguments = _arguments(record, given, extra)
        out = StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(StringIO()) as said:
                app(arguments)
        except SystemExit as ended:
            if not out.getvalue():
                raise VerificationError(said.getvalue().strip() or f"exit code {ended.code}") from None
        except SopsemError as error:
            raise VerificationError(f"exit code {error.exit_code}: {error}") from error
        if record.whole_folder:
            return {"manifest": json.loads((folder / MANIFEST).read_text("utf-8")), **_texts(folder)}
        return dict(json.loads(out.getvalue()))


def _arguments(record: _Record, given: Mapping[str, Path | None], extra: list[str]) -> list[str]:
    """Return the command line of a manifest; only options of that command, and none that writes."""
    words = str(record.manifest.get("command"))
    command = leaf_commands().get(words)
    if command is None or "as_json" not in {p.name for p in command.params} or words == "verify":
        raise UsageError(f"{record.name}: the manifest names no command that makes results")
    options: dict[str, Any] = record.manifest["options"]
    known = {p.name: p for p in command.params if p.name not in NO_RESULT}
    if unknown := sorted(set(options) - set(known)):
        raise UsageError(f"{record.name}: {words} has no option {', '.join(unknown)}")
    positional, named = [], []
    for name in (name for name in known if name in options):
        value = _given(record, given, name)
        if value is None or value is False:
            continue
        if known[name].param_type_name == "argument":
            positional.append(str(value))
        else:
            flag = known[name].opts[-1]
            many = value if isinstance(value, list) else [value]
            named += [flag if value is True else f"{flag}={one}" for one in many]
    return [*words.split(), *named, *extra, "--", *positional]


def _given(record: _Record, given: Mapping[str, Path | None], name: str) -> Any:
    """Return the value of an option; a file is the one given now, or the first found from the result."""
    value = record.manifest["options"][name]
    instead = given.get(name) or (given["data"] if name in AS_DATA else None)
    if instead is not None:
        return instead
    if name not in record.manifest.get("inputs", {}) or not isinstance(value, str):
        return value
    if "/" not in value and "." not in value:
        return value  # a shipped name
    near = record.folder
    places = (near / value, Path(value), near / Path(value).name, near.parent / Path(value).name)
    found = next((p for p in places if p.exists()), None)
    if found is None:
        flag = {"model": "--model FILE"}.get(
            name, "--data FILE" if name in AS_DATA else f"--input {name}=FILE"
        )
        raise FileError(f"{record.name}: {Path(value).name} is not found from there; give it with {flag}")
    return found


def _now(record: _Record, given: Mapping[str, Path | None]) -> dict[str, Any]:
    """Return the record's manifest with versions, platform and hashes of inputs as they are now."""
    options = {name: _given(record, given, name) for name in record.manifest["options"]}
    return record.manifest | surroundings(options)


def _compared(record: _Record, again: Mapping[str, Any]) -> list[Difference]:
    """Return the leaves that differ, but for the seals and the ways to files, which the hashes answer for."""
    recorded, found = _comparable(record.content), _comparable(again)
    files = set(record.manifest.get("inputs", {}))
    # the bytes of a JSON file tell the way to the data, so its leaves are compared instead
    own = [f"manifest.files.{name}" for name in found if name.endswith(".json")]
    own += [place for n in files for place in (f"manifest.options.{n}", f"manifest.inputs.{n}.file")]
    extra = set(recorded) - set(found)  # what a reader has put beside the result is not ours
    kept = {name: value for name, value in recorded.items() if name not in extra or not record.whole_folder}
    return [d for d in differences(kept, found) if d.place not in own]


def _comparable(content: Mapping[str, Any]) -> dict[str, Any]:
    manifest = {k: v for k, v in content["manifest"].items() if k != SEAL}
    others = {name: _without_seal(value) for name, value in content.items() if name != "manifest"}
    return {**others, "manifest": manifest}


def _without_seal(value: Any) -> Any:
    """Return a JSON file of a folder without its manifest, which is that of the folder."""
    return {k: v for k, v in value.items() if k != "manifest"} if isinstance(value, dict) else value


def _report(record: _Record, found: list[Difference], *, as_json: bool) -> None:
    """Print the verdict; VerificationError unless nothing, or only rounding, differs."""
    wrong = [d for d in found if not d.rounding]
    sealed = all(SEAL not in d.place for d in found)
    verified = not wrong and sealed
    causes = sorted_by_cause(found)
    if as_json:
        echo_json(
            {
                "result": record.name,
                "verified": verified,
                "numbers_agree": "numbers" not in sorted_by_cause(wrong),
                "differences": {cause: [vars(d) for d in listed[:1000]] for cause, listed in causes.items()},
            }
        )
    elif verified:
        rounding = f" up to rounding in {len(found)} places" if found else ""
        echo(
            terminal_text(
                f"verified: {record.name} is what {record.manifest['command']} gives again{rounding}"
            )
        )
    if not verified:
        raise VerificationError(_mismatch(record, causes, wrong))


def _mismatch(record: _Record, causes: Mapping[str, list[Difference]], wrong: list[Difference]) -> str:
    lines = [f"{record.name}: does not match what its manifest gives"]
    for cause, listed in causes.items():
        lines += [f"  {cause}: {d}" for d in listed[:SHOWN]]
        lines += [f"  {cause}: and {len(listed) - SHOWN} more"] if len(listed) > SHOWN else []
    if "numbers" not in sorted_by_cause(wrong) and not any(d.place == "recomputation" for d in wrong):
        lines.append("  the numbers made again agree with those on record")
    return "\n".join(lines)
