"""A file is written whole or not at all; the old one outlives a crash and a full disk."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io import atomic
from lstmviz.io.atomic import write_atomically

OLD, NEW = b"old" * 1000, b"new" * 1000


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "it.lstmviz"
    path.write_bytes(OLD)
    return path


def refusal(path: Path, data: bytes = NEW) -> LstmvizError:
    """What is said; nothing is left beside the file."""
    before = sorted(path.parent.glob("*")) if path.parent.is_dir() else []
    with pytest.raises(LstmvizError) as caught:
        write_atomically(path, data)
    assert caught.value.how
    assert path.name[:20] in caught.value.where
    assert (sorted(path.parent.glob("*")) if path.parent.is_dir() else []) == before
    return caught.value


def test_a_new_file_and_another_content_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new.lstmviz"
    for data in (NEW, b"", OLD):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["new.lstmviz"]


def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(old: Path) -> None:
    usual = old.with_name("usual")
    usual.touch()
    new = old.with_name("new")
    write_atomically(new, NEW)
    assert new.stat().st_mode == usual.stat().st_mode
    old.chmod(0o640)
    os.chown(old, os.getuid(), os.getgid())
    write_atomically(old, NEW)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_the_file_that_a_link_leads_to_is_written(old: Path) -> None:
    folder = old.parent / "folder"
    folder.mkdir()
    link = folder / "link"
    link.symlink_to(os.path.relpath(old, folder))
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert old.read_bytes() == NEW
    nowhere = folder / "nowhere"
    nowhere.symlink_to(old.parent / "not yet")
    write_atomically(nowhere, NEW)
    assert (old.parent / "not yet").read_bytes() == NEW


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "in a circle" in refusal(tmp_path / "loop").what


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", ["replace", "fsync", "chmod"])
def test_killed_before_the_end(old: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(os, step, killed)
    with pytest.raises(Killed):
        write_atomically(old, NEW)
    monkeypatch.undo()
    assert old.read_bytes() == OLD
    assert os.listdir(old.parent) == [old.name]


def test_the_content_is_on_the_disk_before_the_name_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        assert Path(source).read_bytes() == NEW
        assert Path(source).parent == Path(target).parent
        steps.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_atomically(old, NEW)
    assert steps == ["file", "replace", "folder"]


def test_a_folder_that_cannot_be_flushed_is_no_failure(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refusing(path: object, flags: int, *mode: int) -> int:
        if Path(str(path)).is_dir():
            raise PermissionError
        return real(path, flags, *mode)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    write_atomically(old, NEW)
    assert old.read_bytes() == NEW


LIMITED = """
import resource, signal, sys
from lstmviz.core.errors import LstmvizError
from lstmviz.io.atomic import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(sys.argv[1], b"new" * 1000)
except LstmvizError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_leaves_the_old_file(old: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, old], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"The disk is full, or the file is larger than it may be ({old}). Make room, or save it elsewhere.\n"
    )
    assert old.read_bytes() == OLD
    assert os.listdir(old.parent) == [old.name]


@pytest.mark.parametrize(
    ("number", "what"),
    [("ENOSPC", "disk is full"), ("EACCES", "not allowed"), ("EROFS", "not allowed"), ("EIO", "could not be written")],
)
def test_what_the_system_says_in_words(old: Path, monkeypatch: pytest.MonkeyPatch, number: str, what: str) -> None:
    def refusing(*_: object) -> None:
        raise OSError(getattr(__import__("errno"), number), "no")

    monkeypatch.setattr(atomic.os, "replace", refusing)
    assert what in refusal(old).what
    assert old.read_bytes() == OLD


def test_places_where_no_file_can_be(old: Path) -> None:
    folder = old.parent / "gone"
    folder.mkdir()
    assert refusal(folder).what == "This is a folder"
    shutil.rmtree(folder)
    assert refusal(folder / "it").what == "The folder does not exist any more"
    assert refusal(old / "it").what == "The folder does not exist any more"
    assert refusal(old.with_name("x" * 300)).what == "The name is too long"
    with pytest.raises(LstmvizError, match="the name is impossible"):
        write_atomically(old.with_name("a\0b"), NEW)
    assert refusal(Path("/dev/null")).what == "This is a device, not a file"


def test_a_file_that_may_only_be_read_stays(old: Path) -> None:
    old.chmod(0o444)
    assert refusal(old).what == "The file may only be read"
    assert old.read_bytes() == OLD
