"""The files inside a zip file of a model, inflated only when they are asked for, and never written anywhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import in_words
from lstmviz.io.models.limits import (
    DAMAGED,
    HARMFUL,
    MOST_FILES,
    MOST_INFLATED,
    refuse_too_many_bytes,
)

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,  # encrypted
    NotImplementedError,  # an unknown way to compress
    OverflowError,
)


_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""What stands before each file inside: a mark, facts that the list at the end has too, lengths of name and extras."""

_ENCRYPTED = 1


class ZipReader:
    """A zip file in memory. Raises LstmvizError for one that is damaged or has names that lead elsewhere."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data = data
        self._where = where
        self._inflated = 0
        if data.rfind(b"PK\x05\x06", max(len(data) - 66_000, 0)) < 0:
            raise LstmvizError("The file is cut off: the list of files at its end is missing", where=where, how=DAMAGED)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = self._archive.infolist()
        except _BROKEN as error:
            raise LstmvizError(f"The zip file is damaged: {ascii(error)[:120]}", where=where, how=DAMAGED) from error
        if len(members) > MOST_FILES:
            raise LstmvizError(f"There are more than {MOST_FILES:,} files inside", where=where, how=HARMFUL)
        self.comment = self._archive.comment
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            name = member.orig_filename
            parts = name.replace("\\", "/").split("/")
            if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
                raise LstmvizError("A file inside has a name that leads elsewhere", where=ascii(name)[:80], how=HARMFUL)
            if name in self._members:
                raise LstmvizError("Two files inside have the same name", where=ascii(name)[:80], how=HARMFUL)
            self._members[name] = member
        if sum(member.compress_size for member in members) > len(data):
            raise LstmvizError("The files inside lie over each other", where=where, how=HARMFUL)

    @property
    def names(self) -> list[str]:
        """The names of all files inside."""
        return list(self._members)

    def view(self, name: str) -> memoryview:
        """One file inside without a copy where it is not compressed, so that what nobody looks at takes no memory.

        Raises LstmvizError as ``read`` does.
        """
        member = self._members.get(name)
        if member is None or member.compress_type != zipfile.ZIP_STORED or member.flag_bits & _ENCRYPTED:
            return memoryview(self.read(name))
        start = member.header_offset
        header = self._data[start : start + _LOCAL_HEADER.size]
        if len(header) == _LOCAL_HEADER.size:
            mark, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            start += _LOCAL_HEADER.size + name_length + extra_length
            content = memoryview(self._data)[start : start + member.file_size]
            if mark == b"PK\x03\x04" and len(content) == member.file_size and zlib.crc32(content) == member.CRC:
                return content
        raise LstmvizError("A file inside is damaged", where=f"{self._where}, {name[:80]}", how=DAMAGED)

    def read(self, name: str) -> bytes:
        """One file inside. Raises LstmvizError where there is none, it is damaged, or would take too much memory."""
        member = self._members.get(name)
        if member is None:
            raise LstmvizError("A file inside is missing", where=f"{self._where}, {name[:80]}", how=DAMAGED)
        place = f"{self._where}, {name[:80]}"
        if member.compress_type != zipfile.ZIP_STORED and member.file_size > MOST_INFLATED:
            raise LstmvizError(
                f"A file inside would take {in_words(member.file_size)} when it is inflated",
                where=place,
                how=f"The limit is {in_words(MOST_INFLATED)} for compressed ones.",
            )
        self._inflated += member.file_size
        refuse_too_many_bytes(self._inflated, self._where)
        try:
            with self._archive.open(member) as file:
                content = file.read(member.file_size)
                complete = len(content) == member.file_size and not file.read(1)
        except _BROKEN as error:
            raise LstmvizError(f"A file inside is damaged: {ascii(error)[:120]}", where=place, how=DAMAGED) from error
        if not complete:
            raise LstmvizError("A file inside has another size than announced", where=place, how=HARMFUL)
        return content
