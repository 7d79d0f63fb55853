"""The file of files: what was packed comes out again, and nothing hostile gets in."""

from __future__ import annotations

import io
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io import archive
from lstmviz.io.archive import packed, unpacked

FILES = {"session.json": b"{}", "arrays/a.b.npy": b"\x00\x01", "arrays/empty": b""}


def zipped(*files: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    data = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w", compression) as made:
        warnings.simplefilter("ignore")  # about names that come twice
        for name, content in files:
            made.writestr(name, content)
    return data.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(LstmvizError) as caught:
        unpacked(data)
    assert caught.value.how
    return str(caught.value)


def test_what_was_packed_comes_out_in_order() -> None:
    back = unpacked(packed(FILES))
    assert back == FILES
    assert list(back) == list(FILES)


def test_equal_files_have_equal_bytes_and_are_not_compressed() -> None:
    assert packed(FILES) == packed(dict(FILES))
    assert b"some text some text" in packed({"a": b"some text some text"})


def test_ordinary_zip_programs_read_it_and_what_they_compress_is_read() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
        assert opened.testzip() is None
    assert unpacked(zipped(*FILES.items(), compression=zipfile.ZIP_DEFLATED)) == FILES


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "The file is empty"),
        (b"\x80\x04K\x01.", "not a session"),
        (b"PK\x05\x06" + b"\0" * 18, "not a session"),
        (b"PK\x03\x04", "cut off"),
        (packed(FILES)[:-1], "cut off"),
        (packed(FILES)[:60], "cut off"),
        (packed(FILES) + b"more", "cut off, or something was added at its end"),
        (packed(FILES).replace(b"\x00\x01", b"\x00\x02"), "damaged"),
        (zipped(("../../etc/passwd", b"x")), "leads elsewhere"),
        (zipped(("/etc/passwd", b"x")), "leads elsewhere"),
        (zipped(("arrays/../../x", b"x")), "leads elsewhere"),
        (zipped(("..\\x", b"x")), "leads elsewhere"),
        (zipped(("C:x", b"x")), "leads elsewhere"),
        (zipped(("folder/", b"")), "leads elsewhere"),
        (zipped(("n\u00fcll", b"")), "leads elsewhere"),
        (zipped(("twice", b"1"), ("twice", b"2")), "Two files inside have the same name (twice)"),
        (zipped(("odd", b"x" * 99), compression=zipfile.ZIP_BZIP2), "compressed in an unknown way"),
    ],
    ids=range(17),
)
def test_says_what_is_wrong(data: bytes, what: str) -> None:
    assert what in refusal(data)


def patched(data: bytes, offset: int, layout: str, value: int) -> bytes:
    """``data`` with one number of the first entry of its directory changed."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + struct.pack(layout, value) + data[at + struct.calcsize(layout) :]


ONE = packed({"one": b"12345678"})
SIZES = {
    "larger than it is": (patched(ONE, 24, "<L", 2**30), "another size than announced (one)"),
    "smaller than it is": (patched(ONE, 24, "<L", 1), "another size than announced (one)"),
    "both larger": (patched(patched(ONE, 20, "<L", 1000), 24, "<L", 1000), "lie over each other"),
    "encrypted": (patched(ONE, 8, "<H", 1), "without a password"),
    "beyond the end": (patched(ONE, 42, "<L", 2**31), "damaged"),
    "of a later zip": (patched(ONE, 6, "<H", 99), "zip file version 9.9"),
}


@pytest.mark.parametrize("name", SIZES)
def test_headers_that_lie_are_refused(name: str) -> None:
    data, words = SIZES[name]
    assert words in refusal(data)


def test_a_zip_bomb_is_refused_before_it_goes_off() -> None:
    bomb = zipped(("bomb", b"\0" * (archive.MAX_INFLATED + 1)), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    assert "would take 64 MiB of memory" in peaceful(lambda: refusal(bomb))


def test_a_zip_bomb_that_lies_about_its_size_is_refused_while_it_is_inflated() -> None:
    bomb = zipped(("bomb", b"\0" * 50_000_000), compression=zipfile.ZIP_DEFLATED)
    assert "damaged" in peaceful(lambda: refusal(patched(bomb, 24, "<L", 1000)))


def peaceful(action: Callable[[], str]) -> str:
    """What ``action`` returns; it takes no more than a few megabytes."""
    tracemalloc.start()
    try:
        result = action()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    return result


def test_one_content_that_many_names_share_is_refused() -> None:
    data = packed({"one": b"x" * 10_000})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    copies = b"".join(entry.replace(b"one", f"{number:03}".encode()) for number in range(1, 100))
    count = struct.pack("<HHL", 100, 100, len(entry) + len(copies))
    assert "lie over each other" in refusal(data[:end] + copies + data[end : end + 8] + count + data[end + 16 :])


def test_too_many_files_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    assert "more than 2 files" in refusal(packed(FILES))


def test_the_large_kind_of_zip_cannot_get_round_the_limits() -> None:
    data = packed(FILES)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    assert "files inside" in refusal(data[:-22] + locator + data[-22:])


def test_more_than_a_file_can_have_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 3)
    with pytest.raises(LstmvizError, match="would take 4 bytes"):
        packed({"a": b"1234"})
