from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.vocabulary import read_vocabulary


@pytest.mark.parametrize(
    "text",
    [
        '["a", "b\\n", "ü"]',
        '{"ü": 2, "a": 0, "b\\n": 1}',
        '{"2": "ü", "0": "a", "1": "b\\n"}',
    ],
)
def test_json_lists_and_maps_in_either_direction(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text(text, encoding="utf-8")
    assert read_vocabulary(path, 3) == ("a", "b\n", "ü")


def test_numbers_from_one_on_leave_zero_to_padding(tmp_path: Path) -> None:
    path = tmp_path / "word_index.json"
    path.write_text('{"the": 1, "cat": 2}', encoding="utf-8")
    assert read_vocabulary(path, 3) == ("", "the", "cat")
    with pytest.raises(LstmvizError, match="3 tokens, the embedding 2 rows"):
        read_vocabulary(path, 2)


def test_one_token_a_line_keeps_spaces_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_bytes("\ufeffa\r\n b\r\n\r\nü\r\n".encode())
    assert read_vocabulary(path) == ("a", " b", "", "ü")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": 0, "b": 2}', "0 to 1"),
        (b'{"a": 0, "b": 0}', "0 to 1"),
        (b'{"a": true, "b": 1}', "True"),
        (b'{"x": "a"}', "“a” has the number None"),
        (b'["a", 1]', "Number 1"),
        (b'["a", ', "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "no tokens"),
        (b"a\nb\0", "no list of tokens"),
        (b"a\nb", "2 tokens, the embedding 3 rows"),
    ],
)
def test_other_files_are_refused_with_the_place(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(LstmvizError, match=words):
        read_vocabulary(path, 3)
