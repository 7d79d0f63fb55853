"""The one function that finds resources: in the source tree, in an installed package, in a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io import resources
from lstmviz.io.resources import APP_ICON, resource, resource_names


def make_package(folder: Path, resources_in: Path) -> Path:
    """An empty package with an icon among its resources."""
    package = folder / "lstmviz"
    package.mkdir(parents=True)
    icon = resources_in / "resources" / APP_ICON
    icon.parent.mkdir(parents=True)
    icon.write_text("<svg/>", encoding="utf-8")
    return package


def test_finds_the_icon_of_this_app() -> None:
    assert "<svg" in resource(APP_ICON).read_text(encoding="utf-8")


def test_lists_names_that_can_be_asked_for() -> None:
    names = resource_names("icons", ".svg")
    assert APP_ICON in names
    assert names == tuple(sorted(names))
    assert all(resource(name).is_file() for name in names)


def test_an_unknown_folder_has_no_names() -> None:
    assert resource_names("no such folder", ".svg") == ()


@pytest.mark.parametrize("name", ["icons/none.svg", "icons", "../pyproject.toml"])
def test_what_is_no_resource_is_refused_by_name(name: str) -> None:
    with pytest.raises(LstmvizError, match="no resource called") as caught:
        resource(name)
    assert name in caught.value.what


def test_resources_inside_the_package_win_over_those_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = make_package(tmp_path, tmp_path)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resource(APP_ICON) == tmp_path / "resources" / APP_ICON

    installed = make_package(tmp_path / "site-packages", tmp_path / "site-packages" / "lstmviz")
    (tmp_path / "site-packages" / "resources").mkdir()  # another package's
    monkeypatch.setattr(resources, "_PACKAGE", installed)
    assert resource(APP_ICON) == installed / "resources" / APP_ICON


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "lstmviz")
    with pytest.raises(LstmvizError, match=r"missing.*install lstmviz again"):
        resource(APP_ICON)
    with pytest.raises(LstmvizError, match="missing"):
        resource_names("icons", ".svg")
