from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.atomic import replacing


def test_the_file_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"first")
        assert path.read_text() == "old"
        file.write(b" second")
    assert path.read_text() == "first second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fault_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"half of it, then %d" % (1 // 0))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("name", "what"), [("no/such/run.csv", "does not exist"), (".", "a folder"), ("a\0b", "name")])
def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(LstmvizError, match=what), replacing(tmp_path / name):
        pytest.fail("there is nothing to write into")


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    full = Path("/dev/full")
    with pytest.raises(LstmvizError, match="a device"), replacing(full):
        pytest.fail("a device is no file")
    with pytest.raises(LstmvizError, match="disk is full"), replacing(tmp_path / "run.csv"):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())
