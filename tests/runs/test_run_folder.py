"""The options ``store`` and ``resume``."""

import pytest

from sopsem.errors import UsageError
from sopsem.runs.run_folder import opened, run_folder, stage_folder


def test_resume_without_a_folder_is_refused():
    with pytest.raises(UsageError, match="resume needs the folder"):
        run_folder(None, resume=True)


def test_without_a_folder_nothing_is_kept():
    assert stage_folder(None, "full") is None
    with opened(None, {}) as store:
        assert store is None


def test_every_stage_has_a_folder(tmp_path):
    kept = run_folder(stage_folder(tmp_path, "full"), resume=False)
    with opened(kept, {"seed": 1}) as store:
        assert store.folder == tmp_path / "full"
    with pytest.raises(UsageError, match="--resume"), opened(kept, {"seed": 1}):
        pass
