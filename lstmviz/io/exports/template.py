"""Scripts from templates: lines that are there only if the run needs them, and places for its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from string import Template

_MARK = "  #? "


def filled(template: str, features: Set[str], values: Mapping[str, str]) -> str:
    """``template`` with ``$name`` replaced by ``values``, and only the lines whose condition holds.

    A condition stands behind ``#?`` at the end of a line: words that must all be in ``features``, or with ``!`` in
    front must not.
    """
    lines = []
    for line in template.split("\n"):
        code, _, condition = line.partition(_MARK)
        if all((word.removeprefix("!") in features) is not word.startswith("!") for word in condition.split()):
            lines.append(code.rstrip())
    return Template("\n".join(lines)).substitute(values)


def assembled(sections: Iterable[str], features: Set[str], values: Mapping[str, str]) -> str:
    """The sections one after the other, each ``filled``, with two empty lines between functions at most."""
    text = "".join(filled(section, features, values) for section in sections)
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"
