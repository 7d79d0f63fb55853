from __future__ import annotations

import pytest

from lstmviz.core.experiments.step_labels import only_count


@pytest.mark.parametrize(
    ("labels", "counting"),
    [(("1", "2", "3"), True), ((), True), (("1", "2", "4"), False), (("0", "1"), False), (("1", "2.0"), False)],
)
def test_labels_that_only_count(labels: tuple[str, ...], counting: bool) -> None:
    assert only_count(labels) is counting
