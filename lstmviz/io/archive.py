"""Several named files in one, as a zip file without compression; and reading what calls itself one, with care.

A file that is not compressed takes no more memory than its bytes on the disk, and is written at the speed of the disk.
Reading also takes compressed ones, from people who changed something by hand, up to ``MAX_INFLATED``.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import in_words

MAX_BYTES = 2**30
"""The most that all files together may have."""

MAX_INFLATED = 2**26
"""The most that compressed files may have when they are inflated, all together."""

MAX_FILES = 10_000

_BEGIN, _END, _END_64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07"
_END_BYTES, _END_64_BYTES = 22, 20
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DAMAGED = "Take another copy of the file, if there is one."
_HARMFUL = "The file was not written by lstmviz; it may have been made to do harm."


def packed(files: Mapping[str, bytes]) -> bytes:
    """One zip file of ``files`` in their order, the same bytes for the same files.

    Raises LstmvizError for more than MAX_BYTES.
    """
    size = sum(map(len, files.values()))
    if size > MAX_BYTES:
        raise LstmvizError(
            f"This would take {in_words(size)}", how=f"A file can have {in_words(MAX_BYTES)}; use a smaller network."
        )
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)  # dated 1980: equal files have equal bytes
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data)
    return result.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files in ``data``, by name; nothing is written anywhere.

    Raises LstmvizError for what is no such file, is damaged, or would take more than the limits.
    """
    _refuse_foreign(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _refuse_harmful(members, len(data))
            return {member.filename: _content(archive, member) for member in members}
    except LstmvizError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError) as error:
        raise LstmvizError(f"The file is damaged: {error}", how=_DAMAGED) from error
    except (RuntimeError, OverflowError) as error:  # encrypted, an unknown way to compress, impossible offsets
        raise LstmvizError(f"The file cannot be read: {error}", how=_HARMFUL) from error


def _refuse_foreign(data: bytes) -> None:
    """Raises LstmvizError unless ``data`` begins and ends like a zip file of few enough files."""
    if not data:
        raise LstmvizError("The file is empty", how=_DAMAGED)
    if not data.startswith(_BEGIN):
        raise LstmvizError("This is not a session of lstmviz", how="Choose a file that lstmviz has saved.")
    end = data[-_END_BYTES:]
    if not (len(data) > _END_BYTES and end.startswith(_END) and end.endswith(b"\0\0")):
        raise LstmvizError("The file is cut off, or something was added at its end", how=_DAMAGED)
    files, directory_bytes = struct.unpack("<HL", end[10:16])
    most = MAX_FILES * 512
    if files > MAX_FILES or directory_bytes > most or data[-_END_BYTES - _END_64_BYTES :].startswith(_END_64):
        raise LstmvizError(f"There are more than {MAX_FILES:,} files inside", how=_HARMFUL)


def _refuse_harmful(members: list[zipfile.ZipInfo], most: int) -> None:
    """Raises LstmvizError for names that lead elsewhere or come twice, and for sizes over the limits.

    ``most``  bytes of the whole file: files inside that take more than that lie over each other
    """
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        if not _NAME.fullmatch(name) or member.filename != name:
            raise LstmvizError("A file inside has a name that leads elsewhere", where=ascii(name)[:80], how=_HARMFUL)
        if name in seen:
            raise LstmvizError("Two files inside have the same name", where=name, how=_HARMFUL)
        seen.add(name)
        if member.flag_bits & 1:
            raise LstmvizError("A file inside is encrypted", where=name, how="Save it again without a password.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LstmvizError("A file inside is compressed in an unknown way", where=name, how=_HARMFUL)
        if member.compress_type == zipfile.ZIP_STORED and member.file_size != member.compress_size:
            raise LstmvizError("A file inside has another size than announced", where=name, how=_HARMFUL)
    inflated = sum(member.file_size for member in members if member.compress_type != zipfile.ZIP_STORED)
    total = sum(member.file_size for member in members)
    if sum(member.compress_size for member in members) > most:
        raise LstmvizError("The files inside lie over each other", how=_HARMFUL)
    for size, limit, words in ((inflated, MAX_INFLATED, " for compressed ones"), (total, MAX_BYTES, "")):
        if size > limit:
            raise LstmvizError(
                f"The files inside would take {in_words(size)} of memory", how=f"The limit is {in_words(limit)}{words}."
            )


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One file, of exactly the size that was announced; the checksum is tested by ``zipfile`` at its end."""
    with archive.open(member) as file:
        content = file.read(member.file_size)
        if len(content) != member.file_size or file.read(1):
            raise LstmvizError("A file inside has another size than announced", where=member.filename, how=_HARMFUL)
    return content
