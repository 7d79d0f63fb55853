"""What every test can rely on: no screen, no settings of the user, one BLAS thread, nothing left behind."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
import threading
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

# before Qt and NumPy load: they read the environment once
_HOME = Path(tempfile.mkdtemp(prefix="lstmviz-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
    (_HOME / _name).mkdir(mode=0o700)
    os.environ[_name] = str(_HOME / _name)
for _name in ("QT_SCALE_FACTOR", "QT_FONT_DPI", "QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME", "QT_LOGGING_RULES"):
    os.environ.pop(_name, None)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["LC_ALL"] = "C.UTF-8"  # Qt complains about any locale that is not UTF-8, such as that of a bare container

import hypothesis
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QThread, QTimer
from PyQt6.QtWidgets import QApplication

hypothesis.settings.register_profile("lstmviz", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("lstmviz")

_FAILED = pytest.StashKey[bool]()
_THREAD_ENDS_WITHIN = 1.0  # seconds


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test after which a thread or a timer still runs, or a window is still there."""
    uses_qt = "qapp" in request.fixturenames
    if uses_qt:
        _make_collecting_cheap()
        # as in the app, where it runs between events only: a window that nobody holds must not go while it is painted
        gc.disable()
    threads, qt_objects = set(threading.enumerate()), set(_living_qt_objects() if uses_qt else ())
    yield
    gc.enable()
    if request.node.stash.get(_FAILED, False):
        return  # the traceback keeps everything alive
    left = [repr(thread) for thread in threading.enumerate() if thread not in threads and _outlives(thread)]
    if uses_qt:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        left += [f"{found!r} {found.objectName()!r}" for found in _living_qt_objects() if found not in qt_objects]
    if left:
        pytest.fail("the test left behind: " + "; ".join(left))


@pytest.fixture(autouse=True)
def own_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Gives every test that uses Qt empty settings."""
    if "qapp" in request.fixturenames:
        folder = str(tmp_path_factory.mktemp("settings"))
        for file_format in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
                QSettings.setPath(file_format, scope, folder)


@cache
def _make_collecting_cheap() -> None:
    # what is here to stay need not be looked through after each test: 10 ms become 0.2
    gc.collect()
    gc.freeze()


def _outlives(thread: threading.Thread) -> bool:
    if thread.name.startswith("Dummy-"):
        return False  # Python's record of a QThread, never taken back; the QThread itself is looked at
    thread.join(_THREAD_ENDS_WITHIN)
    return thread.is_alive()


def _living_qt_objects() -> list[QObject]:
    """Top-level widgets, shown or not, running threads and running timers that are not the application's own."""
    living: list[QObject] = list(QApplication.topLevelWidgets())
    application = QCoreApplication.instance()
    main_thread = application.thread() if application else None
    for found in gc.get_objects():
        if not isinstance(found, (QThread, QTimer)) or sip.isdeleted(found):
            continue
        if isinstance(found, QThread):
            if found.isRunning() and found is not main_thread:
                living.append(found)
        elif found.isActive() and not _belongs_to_the_application(found):
            living.append(found)
    return living


def _belongs_to_the_application(child: QObject) -> bool:
    owner = child.parent()
    while owner is not None and owner.parent() is not None:
        owner = owner.parent()
    return isinstance(owner, QCoreApplication)
