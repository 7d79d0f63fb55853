"""``lstmviz install-desktop``: the menu entry, the kind of file and the icon, below the user's own folder."""

from __future__ import annotations

import configparser
import platform
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lstmviz.cli import main
from lstmviz.commands import install_desktop

ENTRY = "applications/lstmviz.desktop"
NAMES = {
    ENTRY,
    "mime/packages/lstmviz.xml",
    "icons/hicolor/scalable/apps/lstmviz.svg",
    "icons/hicolor/scalable/mimetypes/application-x-lstmviz.svg",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's desktop looks; nothing tells a real desktop of it."""
    path = tmp_path / "my data"
    monkeypatch.setenv("XDG_DATA_HOME", str(path))
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(install_desktop.shutil, "which", lambda name: None)
    return path


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def entry_in(folder: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys have capitals
    parser.read(folder / ENTRY, encoding="utf-8")
    return parser["Desktop Entry"]


def test_writes_everything_and_the_same_again_and_takes_it_away(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install-desktop"]) == 0
    written = files_in(folder)
    assert set(written) == NAMES
    printed = capsys.readouterr().out
    assert all(f"written  {folder / name}" in printed.splitlines() for name in NAMES)
    assert main(["install-desktop"]) == 0
    assert files_in(folder) == written
    assert main(["install-desktop", "--remove"]) == 0
    assert files_in(folder) == {}
    capsys.readouterr()
    assert main(["install-desktop", "--remove"]) == 0
    assert capsys.readouterr().out == "There was nothing to remove.\n"


def test_entry_kind_and_icons_belong_together(folder: Path) -> None:
    main(["install-desktop"])
    entry = entry_in(folder)
    assert (entry["Type"], entry["Terminal"], entry["Icon"]) == ("Application", "false", "lstmviz")
    command = shlex.split(entry["Exec"])
    assert command[-2:] == ["--errors-in-window", "%F"]  # several files at once, and nobody sees a terminal
    assert Path(command[0]).is_file()
    assert entry["TryExec"] == command[0]
    root = ElementTree.fromstring((folder / "mime/packages/lstmviz.xml").read_text(encoding="utf-8"))
    [kind] = root
    assert f"{kind.get('type')};" == entry["MimeType"]
    assert [each.get("pattern") for each in kind if each.tag.endswith("glob")] == ["*.lstmviz"]
    assert [each.get("name") for each in kind if each.tag.endswith("icon")] == ["application-x-lstmviz"]
    assert b"<svg" in (folder / "icons/hicolor/scalable/apps/lstmviz.svg").read_bytes()


def test_signs_of_the_shell_in_the_program_s_folder_are_quoted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install_desktop, "_command", lambda: ('/my $apps/100% "new"\\/lstmviz',))
    main(["install-desktop"])
    # once as any value of the file, once as a word in quotes; %% is a percent sign
    unescaped = entry_in(folder)["Exec"].replace("\\\\", "\\")
    assert unescaped == '"/my \\$apps/100%% \\"new\\"\\\\/lstmviz" --errors-in-window %F'


def test_a_data_folder_that_is_no_whole_path_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert install_desktop.data_folder() == tmp_path / ".local" / "share"


def test_the_desktop_is_told_and_its_failure_is_none_of_ours(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("update-mime-database", "update-desktop-database"):
        script = programs / name
        script.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/{name}"\nexit 3\n', encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setattr(install_desktop.shutil, "which", lambda name: str(programs / name))
    assert main(["install-desktop"]) == 0
    assert (tmp_path / "update-mime-database").read_text(encoding="utf-8") == str(folder / "mime")
    assert (tmp_path / "update-desktop-database").read_text(encoding="utf-8") == str(folder / "applications")


def test_a_folder_that_cannot_be_made_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.write_text("a file", encoding="utf-8")
    assert main(["install-desktop"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("lstmviz: Writing is not possible there: ")
    assert printed.count("\n") == 1


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_elsewhere_than_on_linux_it_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], system: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    assert main(["install-desktop"]) == 1
    assert capsys.readouterr().err.startswith(f"lstmviz: Menu entries are made on Linux only ({system}).")
    assert not folder.exists()
