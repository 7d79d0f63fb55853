"""``lstmviz doctor``: it finds what is missing, and says what mends it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import textwrap
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from lstmviz.commands import doctor
from lstmviz.core.errors import LstmvizError


@pytest.fixture(autouse=True)
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that lacks nothing, whatever this one lacks."""
    monkeypatch.setattr(doctor, "display_platforms", lambda: ("xcb",))
    monkeypatch.setattr(doctor, "missing_libraries", lambda platform: ())


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    code = doctor.run(parser.parse_args(words))
    return code, capsys.readouterr().out


def findings(capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, dict[str, str]]:
    """The findings of the JSON, by name."""
    got, printed = run(capsys, "--json")
    told = json.loads(printed)
    assert got == code
    assert told["ok"] is (code == 0)
    return {finding["name"]: finding for finding in told["findings"]}


def test_a_complete_system(capsys: pytest.CaptureFixture[str]) -> None:
    found = findings(capsys)
    assert found["numpy"]["value"] == version("numpy")
    assert found["PyQt6-Qt6"]["value"] == version("PyQt6-Qt6")
    assert found["display"] == {"name": "display", "value": "xcb", "state": "ok", "how": ""}
    assert {"settings", "unsaved work", "crash reports"} <= set(found)
    code, printed = run(capsys)
    assert (code, printed.splitlines()[-1]) == (0, "Nothing is missing.")


def test_a_missing_library_with_the_command_that_mends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(doctor, "missing_libraries", lambda platform: asked.append(platform) or ("libxcb-cursor.so.0",))
    monkeypatch.setattr(doctor, "install_command", lambda libraries: f"install {' '.join(libraries)}")
    found = findings(capsys, code=1)["system libraries"]
    assert (found["state"], found["how"]) == ("fault", "install libxcb-cursor.so.0")
    assert asked == ["xcb"]
    code, printed = run(capsys)
    assert code == 1
    assert "install libxcb-cursor.so.0" in printed


def test_qt_that_cannot_be_looked_at(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(platform: str) -> tuple[str, ...]:
        raise LstmvizError("Qt's plugin is missing", how="Please install PyQt6 again.")

    monkeypatch.setattr(doctor, "missing_libraries", missing)
    assert findings(capsys, code=1)["system libraries"]["how"] == "Please install PyQt6 again."


def test_no_display_is_only_noted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(doctor, "display_platforms", tuple)
    monkeypatch.setattr(doctor, "missing_libraries", lambda platform: asked.append(platform) or ())
    assert findings(capsys)["display"]["state"] == "note"
    assert asked == ["offscreen"]


@pytest.mark.parametrize(("package", "state", "code"), [("onnx", "note", 0), ("pyqtgraph", "fault", 1)])
def test_a_package_that_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, package: str, state: str, code: int
) -> None:
    def found(name: str) -> str:
        if name == package:
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(doctor, "version", found)
    finding = findings(capsys, code=code)[package]
    assert finding["state"] == state
    assert finding["how"].endswith(f"pip install {package}")


def test_a_reader_that_is_broken_costs_its_format_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        if name == "h5py":
            raise ImportError("libhdf5.so is missing")

    monkeypatch.setattr(doctor, "import_module", broken)
    finding = findings(capsys)["h5py"]
    assert finding["state"] == "note"
    assert "no Keras models (.keras, .h5, .hdf5): libhdf5.so is missing" in finding["value"]


def test_a_needed_library_that_is_broken_is_a_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        if name == "numpy":
            raise ImportError("libopenblas.so is missing")

    monkeypatch.setattr(doctor, "import_module", broken)
    finding = findings(capsys, code=1)["numpy"]
    assert finding["state"] == "fault"
    assert finding["value"] == "cannot be loaded: libopenblas.so is missing"
    assert finding["how"].endswith("-m pip install numpy --force-reinstall")


def test_without_numpy_it_still_runs_and_every_other_command_sends_for_it() -> None:
    program = """
        import sys
        class Missing:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] == "numpy":
                    raise ModuleNotFoundError("No module named 'numpy'", name=name)
        sys.meta_path.insert(0, Missing())
        from lstmviz.cli import main
        print("codes", main(["examples"]), main(["doctor"]))
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "codes 1 1"
    assert "fault  numpy" in ended.stdout
    assert ended.stderr == (
        "lstmviz: A library cannot be loaded (No module named 'numpy'). lstmviz doctor says what mends it.\n"
    )


def test_settings_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    finding = findings(capsys, code=1)["settings"]
    assert "Permission denied" in finding["value"]
    assert finding["how"]
