"""A lock has one holder, and none once that has ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lstmviz.io.locks import FileLock

HOLDING = """
import sys, time
from pathlib import Path
from lstmviz.io.locks import FileLock
lock = FileLock.attempt(Path(sys.argv[1]))
print("holds it" if lock else "does not", flush=True)
time.sleep(60)
"""


def test_one_at_a_time_in_the_same_process(tmp_path: Path) -> None:
    path = tmp_path / "it.lock"
    lock = FileLock.attempt(path)
    assert lock
    assert FileLock.attempt(path) is None
    lock.release()
    assert not path.exists()
    again = FileLock.attempt(path)
    assert again
    again.release()


def test_the_system_releases_it_when_its_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "it.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDING, path], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "holds it\n"
            assert FileLock.attempt(path) is None
        finally:
            holder.send_signal(signal.SIGKILL)
    lock = FileLock.attempt(path)
    assert lock
    lock.release()


def test_a_lock_whose_file_was_removed_meanwhile_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lstmviz.io import locks

    path = tmp_path / "it.lock"
    real = locks._lock

    def after_somebody_released(descriptor: int) -> None:
        path.unlink()
        path.touch()
        real(descriptor)

    monkeypatch.setattr(locks, "_lock", after_somebody_released)
    assert FileLock.attempt(path) is None


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FileLock.attempt(tmp_path / "gone" / "it.lock")
