"""The door: local regular files only, and names in files lead nowhere else."""

from pathlib import Path

import pytest

from sopsem.errors import FileError, ResourceLimitError, UsageError
from sopsem.survey.formats.door import inside, read_local


@pytest.mark.parametrize(
    "path", ["http://x/a.csv", "https://x/a.sav", "s3://b/a.xlsx", "file:///a.csv", "\\\\h\\a"]
)
def test_addresses_are_refused(path):
    with pytest.raises(UsageError, match="only local files"):
        read_local(path)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_devices_are_refused(path):
    if not Path(path).exists():
        pytest.skip("no such device")
    with pytest.raises(FileError, match=r"not a regular file|cannot be read|no such file"):
        read_local(path)


def test_a_limit_holds_also_for_what_grows(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_local(tmp_path / "a", 5) == b"12345"
    with pytest.raises(ResourceLimitError, match="limit of 4 bytes"):
        read_local(tmp_path / "a", 4)


def test_a_file_that_a_file_names_stays_in_the_folder(tmp_path):
    home, away = tmp_path / "home", tmp_path / "away"
    (home / "part").mkdir(parents=True)
    away.mkdir()
    (home / "part" / "a.csv").write_text("x")
    (away / "b.csv").write_text("x")
    (home / "link.csv").symlink_to(away / "b.csv")
    (home / "near.csv").symlink_to(home / "part" / "a.csv")
    (home / "door").symlink_to(away)
    assert inside(home, "part/a.csv").read_text() == "x"
    for name in ("../away/b.csv", str(away / "b.csv"), "link.csv", "door/b.csv", "", "part/../../away/b.csv"):
        with pytest.raises(FileError, match="stay in that folder"):
            inside(home, name)
    with pytest.raises(FileError, match="symbolic link"):
        inside(home, "near.csv")
    with pytest.raises(FileError, match="stay in that folder"):
        inside(home, "http://x/a.csv")
