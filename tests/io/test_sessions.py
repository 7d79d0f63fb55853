"""Session files: exactly what was saved comes back, and no file does anything but be read or be refused."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmviz.core.arrays import frozen
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.io import archive, session_format
from lstmviz.io.experiments import example_names, load_example
from lstmviz.io.npy import npy_bytes
from lstmviz.io.session_format import session_bytes, session_of
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.experiments import company_b
from tests.io import documents
from tests.io.documents import rich, spelled

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
RICH = session_bytes(rich())


def unpacked(data: bytes = RICH) -> dict[str, bytes]:
    return archive.unpacked(data)


def header(data: bytes = RICH) -> dict[str, Any]:
    fields = json.loads(unpacked(data)["session.json"])
    assert isinstance(fields, dict)
    return fields


def with_header(fields: object, **more: bytes) -> bytes:
    return archive.packed(unpacked() | {"session.json": json.dumps(fields).encode()} | more)


def refusal(data: bytes) -> LstmvizError:
    with pytest.raises(LstmvizError) as caught:
        session_of(data)
    assert caught.value.how
    return caught.value


# Round trips


@pytest.mark.parametrize("session", [rich(), spelled()], ids=["rich", "letters"])
def test_exactly_what_was_saved_comes_back(session: SessionFile, tmp_path: Path) -> None:
    path = tmp_path / "it.lstmviz"
    save_session(path, session)
    back = load_session(path)
    assert back == session
    assert session_bytes(back) == path.read_bytes() == session_bytes(session)
    values = back.experiment.sequence.values
    assert not values.flags.writeable
    assert values.tobytes() == session.experiment.sequence.values.tobytes()


@pytest.mark.parametrize("name", example_names())
def test_a_saved_example_runs_to_the_same_bits(name: str) -> None:
    example = load_example(name)
    back = session_of(session_bytes(SessionFile(example.experiment, example.cursor)))
    assert back == SessionFile(example.experiment, example.cursor)
    ours, theirs = analyse(back.experiment), analyse(example.experiment)
    assert ours.main.loss == theirs.main.loss
    assert np.array_equal(ours.trace.y, theirs.trace.y)


@FEW
@given(documents.sessions())
def test_every_session_comes_back(session: SessionFile) -> None:
    data = session_bytes(session)
    assert session_of(data) == session
    assert session_bytes(session_of(data)) == data


def test_numbers_that_json_does_not_have_come_back() -> None:
    recipe = replace(company_b().recipe, recurrent_scale=float("-inf"), forget_bias=float("nan"))
    back = session_of(session_bytes(SessionFile(replace(company_b(), recipe=recipe), Cursor(1))))
    assert back.experiment.recipe.recurrent_scale == float("-inf")
    assert back.experiment.recipe.forget_bias != back.experiment.recipe.forget_bias


def test_people_can_read_the_header() -> None:
    text = unpacked()["session.json"].decode()
    assert text.startswith('{\n  "format": "lstmviz session",\n  "version": 2,\n  "app": "lstmviz ')
    assert '"labels": ["' in text
    assert '{"condition": "f[2] < 0.1", "enabled": true, "logs": true}' in text
    assert '"values": {"array": "experiment.sequence.values"}' in text
    assert "arrays/experiment.sequence.values.npy" in unpacked()
    assert np.array_equal(
        np.load(io.BytesIO(unpacked()["arrays/experiment.sequence.values.npy"])), rich().experiment.sequence.values
    )


def test_files_of_before_a_field_was_there_are_read() -> None:
    fields = header()
    for name in ("what_ifs", "notes", "bug"):
        del fields["experiment"][name]
    back = session_of(with_header(fields))
    assert back.experiment == replace(rich().experiment, what_ifs=(), notes="", bug=None)


# Files that are something else


def test_a_newer_file_is_called_newer_whatever_else_is_in_it() -> None:
    error = refusal(with_header({"format": "lstmviz session", "version": 3, "experiment": "new in 3"}))
    assert "newer lstmviz: version 3 of the file, this one reads 2" in error.what
    assert error.how == "Update lstmviz."


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    fields = header()
    change(fields)
    return with_header(fields)


WRONG_HEADERS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda f: f.update(format="other"), "not a session of lstmviz"),
    (lambda f: f.pop("version"), "version is missing"),
    (lambda f: f.update(version="1"), "version is missing or impossible"),
    (lambda f: f.update(version=True), "version is missing or impossible"),
    (lambda f: f.update(version=0), "version is missing or impossible"),
    (lambda f: f.update(extra=1), "“extra” is unknown here"),
    (lambda f: f.pop("cursor"), "“cursor” is missing"),
    (lambda f: f.update(experiment=[]), "a list of 0 stands where the fields of a Experiment belongs (experiment)"),
    (lambda f: f["experiment"].update(colour="red"), "“colour” is unknown here (experiment)"),
    (lambda f: f["experiment"]["what_ifs"][0]["change"].update(type="Explode"), "(experiment.what_ifs.0.change)"),
    (lambda f: f["experiment"]["what_ifs"][1]["change"].update(unit="two"), "(experiment.what_ifs.1.change.unit)"),
    (lambda f: f["experiment"]["recipe"].update(seed=2**64), "more than 64 bits"),
    (lambda f: f["experiment"]["recipe"].update(seed=-1), "The seed is negative"),
    (lambda f: f["experiment"]["recipe"].update(output_size=-1), "outputs is negative"),
    (lambda f: f["experiment"]["recipe"].update(output_size=10**12), "outputs would take"),
    (lambda f: f["experiment"]["recipe"].update(num_layers=10**6), "1,000,000 layers"),
    (lambda f: f["experiment"]["recipe"].update(cell="GRU"), "“GRU” stands where one of LSTM, RNN belongs"),
    (lambda f: f["experiment"]["recipe"]["weights"].update(layers=[]), "no direction"),
    (lambda f: f["experiment"]["sequence"]["labels"].pop(), "4 where 5 would fit the values: label"),
    (lambda f: f["experiment"]["sequence"].update(vocabulary=["a"]), "character of the vocabulary"),
    (lambda f: f["experiment"]["sequence"].update(values={"array": "gone"}), "The array “gone” is missing"),
    (lambda f: f["experiment"]["sequence"].update(values=[1.0]), "the name of an array"),
    (lambda f: f["experiment"]["objective"].update(target=None), "Nothing refers to this array"),
    (lambda f: f["experiment"]["controls"][0].update(field="__class__"), "A slider cannot change “__class__”"),
    (lambda f: f["experiment"]["controls"][0].update(maximum=-2.0), "A slider has no range"),
    (lambda f: f["experiment"]["controls"][0].update(maximum=float("nan")), "NaN in JSON"),
    (lambda f: f["cursor"].update(stage="Stage.SLEEP"), "(cursor.stage)"),
]


@pytest.mark.parametrize(("change", "what"), WRONG_HEADERS, ids=[what for _, what in WRONG_HEADERS])
def test_a_wrong_header_is_refused_at_its_place(change: Callable[[dict[str, Any]], object], what: str) -> None:
    assert what in str(refusal(changed(change)))


ARRAYS = {
    "values that are not numbers": ("sequence.values", np.full((5, 2), np.nan)),
    "values of float32": ("sequence.values", np.zeros((5, 2), np.float32)),
    "values in one dimension": ("sequence.values", np.zeros(10)),
    "more steps than labels": ("sequence.values", np.zeros((6, 2))),
    "no steps": ("sequence.values", np.zeros((0, 2))),
    "an empty target": ("objective.target", np.zeros((1, 0))),
    "weights of another shape": ("recipe.weights.layers.0.directions.1.weight_hh", np.zeros((12, 4))),
    "weights of no dimension": ("recipe.weights.layers.0.directions.1.weight_hh", np.array(1.0)),
    "weights of another type": ("recipe.weights.layers.1.directions.1.bias_hh", np.zeros(12, np.float32)),
    "a GRU": ("recipe.weights.layers.0.directions.0.weight_ih", np.zeros((9, 2))),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    field, array = ARRAYS[name]
    error = refusal(archive.packed(unpacked() | {f"arrays/experiment.{field}.npy": npy_bytes(array)}))
    assert error.where


def test_what_does_not_belong_is_refused() -> None:
    assert refusal(archive.packed({"model.pkl": b""})).what == "This is a zip file, but not a session of lstmviz"
    assert refusal(archive.packed(unpacked() | {"readme.txt": b""})).where == "readme.txt"
    assert refusal(archive.packed(unpacked() | {"arrays/x.npy": npy_bytes(frozen([1.0]))})).where == "x"
    assert refusal(archive.packed(unpacked() | {"arrays/x.npy": b"pickle"})).what == "This is not an array"


def test_no_memory_is_an_error_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_: bytes) -> object:
        raise MemoryError

    monkeypatch.setattr(session_format, "unpacked", explode)
    assert refusal(RICH).what == "There is not enough memory to open this"


# Files that are no files


def test_errors_name_the_file(tmp_path: Path) -> None:
    for name, content, what in (("empty", b"", "The file is empty"), ("cut", RICH[:500], "cut off")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(LstmvizError, match=what) as caught:
            load_session(path)
        assert str(path) in caught.value.where


def test_what_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, what in (
        (tmp_path / "nothing", "There is no such file"),
        (tmp_path, "This is a folder, not a file"),
        (tmp_path / "pipe", "This is a device, not a file"),
        (Path("/dev/zero"), "This is a device, not a file"),
        (tmp_path / ("x" * 300), "File name too long"),
        (tmp_path / "a\0b", "its name is impossible"),
    ):
        with pytest.raises(LstmvizError, match=what):
            load_session(path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(archive.MAX_BYTES + 1)  # takes no room on the disk
    with pytest.raises(LstmvizError, match="the limit is 1 GiB"):
        load_session(path)


def test_a_disk_that_cannot_be_read_is_an_error_like_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise OSError(errno.EIO, "broken")

    path = tmp_path / "it"
    path.write_bytes(RICH)
    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(LstmvizError, match="Input/output error"):
        load_session(path)


# Whatever bytes there are


def is_read_or_refused(data: bytes) -> None:
    """Nothing but a session or an LstmvizError comes of it, and what is read can be written again."""
    try:
        session = session_of(data)
    except LstmvizError:
        return
    assert session_of(session_bytes(session)) == session


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_random_bytes(data: bytes, tail: bytes) -> None:
    is_read_or_refused(data)
    is_read_or_refused(b"PK\x03\x04" + data + b"PK\x05\x06" + tail)


@given(st.integers(0, len(RICH) - 1))
def test_cut_anywhere(length: int) -> None:
    assert refusal(RICH[:length]).how


@given(st.lists(st.tuples(st.integers(0, len(RICH) - 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes(flips: list[tuple[int, int]]) -> None:
    data = bytearray(RICH)
    for place, bits in flips:
        data[place] ^= bits
    is_read_or_refused(bytes(data))


TEXT = unpacked()["session.json"]


@given(st.integers(0, len(TEXT)), st.integers(0, 30), st.binary(max_size=30) | st.text(max_size=12).map(str.encode))
def test_a_header_that_somebody_edited(place: int, removed: int, added: bytes) -> None:
    text = TEXT[:place] + added + TEXT[place + removed :]
    is_read_or_refused(archive.packed(unpacked() | {"session.json": text}))


PLACES: list[tuple[str | int, ...]] = []


def _collect(value: Any, place: tuple[str | int, ...]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        PLACES.append((*place, key))
        _collect(each, (*place, key))


_collect(header(), ())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["array", "type", "x"]), inner),
    max_leaves=5,
)


@given(st.sampled_from(PLACES), ANYTHING)
def test_any_value_at_any_place_of_the_header(place: tuple[Any, ...], value: object) -> None:
    fields: Any = header()
    target = fields
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    is_read_or_refused(with_header(fields))
