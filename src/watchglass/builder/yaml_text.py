"""JSON values as YAML and back: YAML 1.2's core schema, without anchors, with the line of everything.

Values are built from libyaml's events, not by PyYAML's constructors: those know YAML 1.1, where `no` is false and
`2026-01-31` a date, follow anchors, of which ten lines can make a billion values, and recurse.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from watchglass.errors import InvalidInput

Json = Any
Path = tuple[str | int, ...]

MAXIMUM_DEPTH: Final = 100
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_CORE: Final = (
    (re.compile(r"|~|null|Null|NULL"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]{1,4000}"), int),
    (re.compile(r"0x[0-9a-fA-F]{1,1000}"), lambda text: int(text, 16)),
    (re.compile(r"0o[0-7]{1,1000}"), lambda text: int(text, 8)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


class NotYaml(InvalidInput):
    """A text that cannot be read; the sentence says in which line."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line
        """From 1."""


@dataclass(frozen=True, slots=True)
class Read:
    value: Json
    lines: dict[Path, int]
    """The line, from 1, of each value, by the keys and numbers that lead to it."""


@dataclass(slots=True)
class _Open:
    """A list or object that is being read."""

    value: Any
    path: Path
    key: str | None = None
    """Of an object: the key whose value comes next."""


@dataclass(slots=True)
class _Building:
    lines: dict[Path, int] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    value: Json = None

    def path(self) -> Path:
        if not self.open:
            return ()
        top = self.open[-1]
        return (*top.path, len(top.value) if isinstance(top.value, list) else top.key or "")

    def put(self, value: Json) -> None:
        if not self.open:
            self.value = value
        elif isinstance(container := self.open[-1].value, list):
            container.append(value)
        else:
            container[self.open[-1].key] = value
            self.open[-1].key = None

    @property
    def wants_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None


def read_yaml(text: str) -> Read:
    """Read one YAML document; raises `NotYaml`."""
    building = _Building()
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise _at(event, "a second document begins; one file holds one workflow")
            _take(building, event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        where = f"line {line}: " if line else ""
        raise NotYaml(f"The file cannot be read: {where}{error.problem or error.context}.", line) from None
    except yaml.YAMLError as error:
        raise NotYaml(f"The file cannot be read: {str(error).splitlines()[0]}.", None) from None
    return Read(building.value, building.lines)


def _take(building: _Building, event: yaml.Event) -> None:
    match event:
        case yaml.AliasEvent():
            raise _at(event, "anchors and aliases (& and *) are not read; write the value out")
        case yaml.ScalarEvent():
            _take_scalar(building, event)
        case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
            if event.anchor is not None:
                raise _at(event, "anchors and aliases (& and *) are not read; write the value out")
            if building.wants_key:
                raise _at(event, "a key is a text")
            if len(building.open) >= MAXIMUM_DEPTH:
                raise _at(event, f"this is nested more than {MAXIMUM_DEPTH} deep")
            _check_tag(event)
            path = building.path()
            building.lines.setdefault(path, _line(event))  # Where there is a key, it is that line.
            value: Json = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            building.open.append(_Open(value, path))
        case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
            building.put(building.open.pop().value)


def _take_scalar(building: _Building, event: yaml.ScalarEvent) -> None:
    if event.anchor is not None:
        raise _at(event, "anchors and aliases (& and *) are not read; write the value out")
    _check_tag(event)
    if building.wants_key:
        top = building.open[-1]
        if event.value in top.value:
            raise _at(event, f"the key {event.value} is there twice")
        top.key = event.value
        building.lines[building.path()] = _line(event)
        return
    building.lines.setdefault(building.path(), _line(event))
    building.put(_scalar(event))


def _scalar(event: yaml.ScalarEvent) -> Json:
    text: str = event.value
    if not event.implicit[0]:
        return text
    for pattern, read in _CORE:
        if pattern.fullmatch(text):
            value = read(text)
            if isinstance(value, float) and not math.isfinite(value):
                raise _at(event, f"{text} is no number that JSON can hold")
            return value
    return text


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark  # The stubs allow for none; the parser gives every event one.
    return int(mark.line) + 1


def _check_tag(event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
    if event.tag not in (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
        raise _at(event, f"the tag {event.tag} is not read")


def _at(event: yaml.Event, problem: str) -> NotYaml:
    line = _line(event)
    return NotYaml(f"The file cannot be read: line {line}: {problem}.", line)


class OnOneLine(dict[str, Json]):
    """An object that is written on one line."""


class _Dumper(_DUMPER):  # type: ignore[misc, valid-type]
    """Writes what YAML 1.1 and 1.2 both read back as the same."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    # A literal block keeps line breaks as they are, unless one of them is of another kind.
    style = "|" if "\n" in text and not _NEEDS_ESCAPES.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_NEEDS_ESCAPES = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[ \t]\n|[ \t]$|\A[ \n]")
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(
    OnOneLine, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)
for _pattern, _ in _CORE:
    # Texts that YAML 1.2 would read as something else are put between quotes, besides those that 1.1 would.
    _Dumper.add_implicit_resolver("tag:watchglass,2026:core", re.compile(f"^(?:{_pattern.pattern})$"), None)


def write_yaml(value: Json) -> str:
    """Write a JSON value as YAML, keys in their order."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**30, default_flow_style=False
    )
    return text
