"""Which members are hidden by their name or by where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import re2  # type: ignore[import-untyped]

from watchglass.errors import InvalidInput
from watchglass.model.redaction import RedactionRules

Paths = Sequence[tuple[str, ...]]
"""What is left of each path from where one stands; an empty one says: this is the place."""

_SKIPPED = str.maketrans("", "", "-_ ")


def plain_name(name: str) -> str:
    """The name without what does not count in it."""
    return name.translate(_SKIPPED).casefold()


@dataclass(frozen=True, slots=True)
class Places:
    names: frozenset[str]
    globs: Any
    """One expression for all names with a star; None: there are none."""
    paths: Paths

    @property
    def are_any(self) -> bool:
        return bool(self.names or self.globs is not None or self.paths)

    def hides(self, name: str) -> bool:
        plain = plain_name(name)
        if plain in self.names:
            return True
        return self.globs is not None and self.globs.fullmatch(plain.encode("utf-8", "replace")) is not None


def below(paths: Paths, step: str) -> Paths:
    """What is left of the paths after a step into the member or item `step`."""
    return [path[1:] for path in paths if path and path[0] in ("*", step)] if paths else paths


def places_of(rules: RedactionRules) -> Places:
    """Raises InvalidInput for a name or path that is empty or names everything."""
    plain = [plain_name(key) for key in rules.keys]
    for key, name in zip(rules.keys, plain, strict=True):
        if not name.strip("*"):
            raise InvalidInput(f"{key!r} is no name of a key: it needs a letter or digit.")
    globs = [name for name in plain if "*" in name]
    paths = [tuple(path.split(".")) for path in rules.paths]
    for text, path in zip(rules.paths, paths, strict=True):
        if not all(path) or set(path) == {"*"}:
            raise InvalidInput(f"{text!r} is no path. Write names with dots between them: customer.address.street.")
    return Places(
        names=frozenset(name for name in plain if "*" not in name),
        globs=re2.compile("(?s)" + "|".join(map(_expression, globs))) if globs else None,
        paths=paths,
    )


def _expression(glob: str) -> str:
    return ".*".join(re2.escape(part) for part in glob.split("*"))
