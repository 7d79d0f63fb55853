"""Tables of text: what is recognised, what is named when it is wrong, and nothing else ever happens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.progress import drain
from lstmviz.io.sequence_files import text_table
from lstmviz.io.sequence_files.options import Delimiter, Header, Missing, Orientation, SequenceOptions
from lstmviz.io.sequence_files.preparing import preparing, sequence_of
from lstmviz.io.sequence_files.reading import SequenceFile, read_sequence_file, reading_content
from lstmviz.io.sequences import parse_sequence


def read(text: str | bytes, **options: object) -> SequenceFile:
    data = text.encode() if isinstance(text, str) else text
    return drain(reading_content(data, "data.csv", SequenceOptions(**options)))


def sequence(text: str | bytes, **options: object) -> Sequence:
    return sequence_of(read(text, **options), SequenceOptions(**options))


ROWS = [[1.0, 0.0], [0.5, 1.0]]


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("a,b\n1,0\n0.5,1\n", ("a", "b"), ROWS),
        ("a;b\r\n1;0\r\n0,5;1\r\n", ("a", "b"), ROWS),
        ("1\t0\r0,5\t1\r", ("x0", "x1"), ROWS),
        ("  1.0   0\n  0.5   1\n", ("x0", "x1"), ROWS),
        ('"a b","c, d"\n"1","0"\n"0.5","1"', ("a b", "c d"), ROWS),
        ("# made by hand\n# a b\n1 0\n\n0.5 1\n", ("x0", "x1"), ROWS),
        ("a,b,\n1,0,\n0.5,1,\n", ("a", "b"), ROWS),
        ("a\n1\n0.5\n", ("a",), [[1.0], [0.5]]),
        ("wind speed\n1\n0.5\n", ("wind speed",), [[1.0], [0.5]]),
        ("1 0.5 0.25\n", ("x",), [[1.0], [0.5], [0.25]]),
        ("1,0 0\n0,5 1\n", ("x0", "x1"), ROWS),
        ("u v\n1,0 0,0\n0,5 1\n", ("u", "v"), ROWS),
        ("[[1, 0],\n [0.5, 1]]\n", ("x0", "x1"), ROWS),
        ("[1, 0.5]", ("x",), [[1.0], [0.5]]),
        ("\u22121,2\n3,4e-2", ("x0", "x1"), [[-1.0, 2.0], [3.0, 0.04]]),
        ("date,t,x\n2026-01-01,1,0\n2026-01-02,0.5,1\n", ("t", "x"), ROWS),
        (",u,v\n0,1,0\n1,0.5,1\n2,3,3\n", ("u", "v"), [*ROWS, [3.0, 3.0]]),
    ],
)
def test_what_programs_write(text: str, names: tuple[str, ...], rows: list[list[float]]) -> None:
    made = sequence(text)
    assert made.features == names
    assert made.values.tolist() == rows


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-8"])
def test_encodings(encoding: str) -> None:
    made = sequence("Größe °C;b\n1;0\n0,5;1\n".encode(encoding))
    assert made.features == ("Größe °C", "b")
    assert made.values.tolist() == ROWS


def test_why_is_said() -> None:
    said = " ".join(read("date;t\n2026-01-01;0,5\n2026-01-02;1,5\n").recognised)
    for piece in ("UTF-8", "semicolons", "decimal point", "2 columns", "“t” is no number", "“date” left out"):
        assert piece in said


def test_what_was_recognised_can_be_said_otherwise() -> None:
    assert sequence("2019,2020\n1,0\n0.5,1\n", header=Header.YES).features == ("x 2019", "x 2020")
    assert sequence("1,2\n3,4\n").length == 2
    assert sequence("0,5 1\n1,5 2\n", delimiter=Delimiter.SPACE).values.tolist() == [[0.5, 1.0], [1.5, 2.0]]
    assert sequence("1,2,3\n4,5,6\n", orientation=Orientation.COLUMNS).values.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert sequence("1,2,3\n", orientation=Orientation.ROWS).values.tolist() == [[1, 2, 3]]
    assert sequence("a,b\n1,2\n3,4\n", features=(1,)).values.tolist() == [[2], [4]]


def test_columns_as_steps_take_names_from_the_first_column() -> None:
    made = sequence("left,1,2,3\nright,4,5,6\n", orientation=Orientation.COLUMNS)
    assert made.features == ("left", "right")
    assert made.values.tolist() == [[1, 4], [2, 5], [3, 6]]


HOLES = "a,b\n,1\n2,\n3,3\noops,4\n5,5\n6,6\n7,7\n"


@pytest.mark.parametrize(
    ("missing", "first", "second"),
    [
        (Missing.DROP, [3, 5, 6, 7], [3, 5, 6, 7]),
        (Missing.ZERO, [0, 2, 3, 0, 5, 6, 7], [1, 0, 3, 4, 5, 6, 7]),
        (Missing.PREVIOUS, [2, 2, 3, 3, 5, 6, 7], [1, 1, 3, 4, 5, 6, 7]),
    ],
)
def test_missing_numbers(missing: Missing, first: list[int], second: list[int]) -> None:
    options = SequenceOptions(missing=missing)
    prepared = drain(preparing(read(HOLES), options))
    assert prepared.sequence.values.T.tolist() == [first, second]
    assert "3 cells without a number" in prepared.notes[0]
    assert "line 2, column 1: the cell is empty" in prepared.notes[0]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (HOLES, ["3 cells without a number", "line 2, column 1", "the cell is empty", "data.csv"]),
        ("a,b\n1,2\n3,oops\n5,6\n", ["line 3, column 2: “oops” is not a number"]),
        ("a,b\n1,2\n3,inf\n5,6\n", ["line 3, column 2: “inf” is not a finite number"]),
        ("a,b\n1,2\n3,1e999\n5,6\n", ["“1e999” is not a finite number"]),
        ("a,b\n1,2\n3,NaN\n5,6\n", ["line 3, column 2: “NaN” stands for a missing number"]),
        ("a,b\n1,2\n3,1_0\n5,6\n", ["“1_0” is not a number"]),
        ("a,b\n1,2\n3,\u0663\n5,6\n", ["“\u0663” is not a number"]),
        ("a,b\n1,2\n\n3,4,5\n5,6\n", ["line 4: the row has 3 cells, most have 2"]),
        ("a,b\n1,2\n3\n5,6\n", ["line 3: the row has 1 cell, most have 2"]),
        ("[[1, 2], [3, oops]]", ["“[[1” is not a number"]),
        ("[" + "1," * 2_000_000 + "1]", ["list in square brackets", ".npy"]),
        ("once upon a time", ["No column", "line 1, column 1: “once” is not a number"]),
        ("", ["nothing in it"]),
        (" \n\n", ["nothing in it"]),
        ("# a\n# b\n", ["no rows of numbers"]),
        ("a,b\n", ["No column"]),
        (b"\xff\xfe1\x00,\xd8", ["begins like UTF-16"]),
        (b"1,2\n\x00\x00\x00\x07\n", ["zero bytes"]),
        (b"\x80\x04K\x01.", ["a pickle"]),
        (b"\x1f\x8bxx", ["compressed"]),
        (b"PK\x03\x04....[Content_Types].xml", ["workbook"]),
        ("1,2\n" * 200_001, ["more than 200,000 rows"]),
        ("1," * 200_001 + "\n1", ["more than 4,000,000 cells"]),
        (("1," * 4_999 + "1\n") * 2, ["5,000 features a step", "each column is a step"]),
        (("1 " * 40 + "\n") * 110_000, ["more than 4,000,000 cells"]),
        ("\n" * 300_000 + "x", ["No column", "line 300,001"]),
    ],
)
def test_a_bad_file_gets_one_message_with_its_place(text: str | bytes, messages: list[str]) -> None:
    with pytest.raises(LstmvizError) as caught:
        sequence(text)
    for message in messages:
        assert message in str(caught.value)
    assert caught.value.how


def test_missing_numbers_that_cannot_be_filled() -> None:
    with pytest.raises(LstmvizError, match=r"Column “b” has no number at all"):
        sequence("a,b\n1,\n2,\n", features=(0, 1), missing=Missing.PREVIOUS)
    with pytest.raises(LstmvizError, match="Every step has"):
        sequence("a,b\n1,\n2,\n", features=(0, 1), missing=Missing.DROP)
    with pytest.raises(LstmvizError, match="There is no column 4"):
        sequence("a,b\n1,2\n", features=(3,))
    with pytest.raises(LstmvizError, match="No column is chosen"):
        sequence("a,b\n1,2\n", features=())


def test_standardised_features_have_mean_0_and_deviation_1_and_the_parameters_are_told() -> None:
    text = "a,b,c\n1,5,1e308\n2,5,-1e308\n6,5,1e308\n"
    prepared = drain(preparing(read(text), SequenceOptions(standardise=True)))
    values, scaling = prepared.sequence.values, prepared.scaling
    assert scaling is not None
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(values.std(axis=0), [1, 0, 1])
    np.testing.assert_allclose(scaling.mean[:2], [3, 5])
    np.testing.assert_allclose(scaling.deviation[:2], [np.std([1, 2, 6]), 1])
    np.testing.assert_allclose(values * scaling.deviation + scaling.mean, read(text).values)
    assert "a: mean was 3.000, deviation 2.160" in prepared.notes[0]


@pytest.mark.parametrize("value", [0.0, 5e-324, -1.7e308])
def test_a_feature_that_never_changes_becomes_0(value: float) -> None:
    options = SequenceOptions(standardise=True)
    prepared = drain(preparing(read(f"a,b\n{value!r},1\n{value!r},2\n"), options))
    assert prepared.sequence.values.tolist() == [[0, -1], [0, 1]]
    assert prepared.scaling is not None
    assert prepared.scaling.mean[0] == value
    assert prepared.scaling.deviation[0] == 1


def test_a_long_file_is_read_with_progress_and_every_place_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_table, "_CHUNK_CHARACTERS", 64)
    lines = [f"{row},{row / 7!r}" for row in range(1, 200)]
    lines[149] = "150,x"
    steps = reading_content(("n,y\n" + "\n".join(lines)).encode(), "data.csv", SequenceOptions())
    seen = []
    try:
        while True:
            seen.append(next(steps))
    except StopIteration as end:
        file = end.value
    assert len(seen) > 20
    assert seen == sorted(seen)
    assert [each.place for each in file.problems] == ["line 151, column 2"]
    assert np.flatnonzero(np.isnan(file.values[:, 1])).tolist() == [149]
    kept = np.delete(file.values[:, 1], 149)
    assert kept.tolist() == [row / 7 for row in range(1, 200) if row != 150]


def test_the_path_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.tsv"
    path.write_text("a\tb\n1\t2\n")
    assert read_sequence_file(path).name == "numbers.tsv"
    for wrong in (tmp_path, tmp_path / "not there.csv"):
        with pytest.raises(LstmvizError) as caught:
            read_sequence_file(wrong)
        assert str(wrong) in str(caught.value)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole: it takes no room on the disk
    with pytest.raises(LstmvizError, match=r"The file has 1 TiB; the limit is 244 MiB"):
        read_sequence_file(path)


NAMES = st.lists(st.text(min_size=0, max_size=8), min_size=1, max_size=4)


@given(NAMES, st.integers(1, 5), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_typing_the_source_again_gives_the_sequence(names: list[str], steps: int, standardise: bool, random) -> None:
    values = np.array([[random.uniform(-9, 9) for _ in names] for _ in range(steps)])
    whole = read("1,2\n3,4\n")
    file = SequenceFile("f", whole.kind, values, tuple(names), True, tuple(range(len(names))), False, ())
    made = sequence_of(file, SequenceOptions(standardise=standardise))
    assert made == parse_sequence(made.source, SequenceKind.NUMBERS)
    assert standardise or made.values.tolist() == values.tolist()


PIECES = [*'0123456789.,;\t\n "-+e#xNA', "\r\n", "1.5,", "nan", "1e999", "\ufeff", "\u2212", "\u00a0", '","', "1,2\n"]


@given(
    st.one_of(
        st.binary(max_size=80),
        st.text(max_size=60).map(str.encode),
        st.lists(st.sampled_from(PIECES), max_size=60).map("".join).map(str.encode),
    ),
    st.sampled_from(Delimiter),
    st.sampled_from(Header),
    st.sampled_from(Orientation),
    st.sampled_from(Missing),
    st.booleans(),
)
@settings(max_examples=300)
def test_any_bytes_give_a_sequence_or_a_message(
    data: bytes, delimiter: Delimiter, header: Header, orientation: Orientation, missing: Missing, standardise: bool
) -> None:
    options = SequenceOptions(delimiter, header, orientation, missing=missing, standardise=standardise)
    try:
        made = sequence_of(drain(reading_content(data, "fuzz", options)), options)
    except LstmvizError as error:
        assert error.what and error.how  # noqa: PT017, PT018 - most are refused, some are not
        return
    assert np.isfinite(made.values).all()
    assert made == parse_sequence(made.source, SequenceKind.NUMBERS)
