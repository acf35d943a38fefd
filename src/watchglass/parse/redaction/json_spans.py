"""Hiding values inside JSON text without writing the rest anew: every other byte stays as it was."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from watchglass.parse.redaction.places import Paths, Places, below

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+|"', re.DOTALL)
_DEEPEST_TEXT = 3
"""JSON in a text in JSON in a text … is followed so far."""

Hide = Callable[[bytes], bytes]


class NotJson(ValueError):
    """The text does not nest as JSON does."""


_KEY, _COLON, _VALUE, _COMMA = range(4)
_OPENS, _CLOSES, _BETWEEN = (b"{", b"["), (b"}", b"]"), (b",", b":")


@dataclass(slots=True)
class _Frame:
    is_object: bool
    paths: Paths
    """Of the container itself, without the step into a member."""
    wants: int
    """What comes next; where a key or a value may, the end may too."""
    index: int = 0
    key: str = ""
    """Of the member whose value comes next."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is hidden, and what becomes of it."""

    places: Places
    mark: Hide
    """What stands in place of a value, given as its own bytes: of a text unescaped UTF-8, of anything else JSON."""
    in_text: Hide
    """A text or number without the values in it that are to be hidden; the same where there are none."""

    def apply(self, data: bytes, paths: Paths, *, depth: int = 0) -> bytes:
        """A JSON text with what is hidden replaced; the very bytes where nothing is.

        `paths`: what is left of them at the top of the text. `depth`: in how many texts it stands itself.

        Raises:
            NotJson: nothing is known of what stands where.
        """
        return _Walk(self, data, paths, depth).result()


class _Walk:
    def __init__(self, hiding: Hiding, data: bytes, paths: Paths, depth: int) -> None:
        self._hiding = hiding
        self._data = data
        self._paths = paths
        self._depth = depth
        self._stack: list[_Frame] = []
        self._pieces: list[bytes] = []
        self._kept_to = 0
        self._hidden: list[bytes] = []
        """Tokens of the container that is hidden whole, from its first one on."""
        self._hidden_from = 0
        self._hidden_depth = 0

    def result(self) -> bytes:
        for token in _TOKEN.finditer(self._data):
            if self._hidden:
                self._skip(token)
            else:
                self._take(token)
        if self._hidden or self._stack:
            raise NotJson
        return b"".join((*self._pieces, self._data[self._kept_to :])) if self._pieces else self._data

    def _skip(self, token: re.Match[bytes]) -> None:
        part = token[0]
        self._hidden.append(part)
        if part in _OPENS:
            self._hidden_depth += 1
        elif part in _CLOSES:
            self._hidden_depth -= 1
            if not self._hidden_depth:
                # Without white space, so that the same value written otherwise has the same mark.
                self._put(self._hidden_from, token.end(), _quoted(self._hiding.mark(b"".join(self._hidden))))
                self._hidden = []

    def _take(self, token: re.Match[bytes]) -> None:
        part = token[0]
        frame = self._stack[-1] if self._stack else None
        wants = frame.wants if frame else _VALUE
        if part in _CLOSES:
            if frame is None or frame.is_object != (part == b"}"):
                raise NotJson
            self._stack.pop()
        elif part in _BETWEEN:
            if frame is None or wants != (_COMMA if part == b"," else _COLON):
                raise NotJson
            frame.index += part == b","
            frame.wants = _KEY if part == b"," and frame.is_object else _VALUE
        elif frame is not None and wants == _KEY:
            frame.key = _text(part)
            frame.wants = _COLON
        elif wants == _VALUE:
            self._value(token, frame)
        else:
            raise NotJson

    def _value(self, token: re.Match[bytes], frame: _Frame | None) -> None:
        part = token[0]
        paths, is_hidden = self._paths, False
        if frame is not None:
            frame.wants = _COMMA
            paths = below(frame.paths, frame.key if frame.is_object else str(frame.index))
            is_hidden = frame.is_object and self._hiding.places.hides(frame.key)
        is_hidden = is_hidden or () in paths
        if part not in _OPENS:
            after = self._scalar(part, is_hidden)
            if after != part:
                self._put(token.start(), token.end(), after)
        elif is_hidden:
            self._hidden, self._hidden_from, self._hidden_depth = [part], token.start(), 1
        else:
            self._stack.append(_Frame(part == b"{", paths, _KEY if part == b"{" else _VALUE))

    def _put(self, start: int, end: int, after: bytes) -> None:
        self._pieces += (self._data[self._kept_to : start], after)
        self._kept_to = end

    def _scalar(self, part: bytes, is_hidden: bool) -> bytes:
        if part[:1] == b'"':
            value = _unescaped(part)
            after = self._hiding.mark(value) if is_hidden else self._in_text(value)
            return part if after == value else _quoted(after)
        if part == b"null":
            return part
        after = self._hiding.mark(part) if is_hidden else self._hiding.in_text(part)
        return part if after == part else _quoted(after)

    def _in_text(self, value: bytes) -> bytes:
        """A text may be JSON itself, whose members have names."""
        if self._depth < _DEEPEST_TEXT and value[:1] in _OPENS and self._hiding.places.are_any:
            try:
                return self._hiding.apply(value, (), depth=self._depth + 1)
            except NotJson:
                # A text that only begins like JSON is a text.
                return self._hiding.in_text(value)
        return self._hiding.in_text(value)


def _text(part: bytes) -> str:
    """A member's name."""
    if part[:1] != b'"':
        raise NotJson
    return _unescaped(part).decode("utf-8", "replace")


def _unescaped(part: bytes) -> bytes:
    """The bytes of a JSON text, between its quotes."""
    if len(part) < 2:
        raise NotJson
    if b"\\" not in part:
        return part[1:-1]
    try:
        value: str = json.loads(part.decode("utf-8", "surrogateescape"), strict=False)
    except ValueError as error:
        raise NotJson from error
    # Bytes that are no UTF-8 become what they were; lone halves of pairs, which `\ud800` writes, are kept as such.
    return b"".join(_encoded(character) for character in value) if _has_halves(value) else value.encode()


def _has_halves(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _encoded(character: str) -> bytes:
    is_byte = "\udc80" <= character <= "\udcff"
    return character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")


def _quoted(value: bytes) -> bytes:
    text = value.decode("utf-8", "surrogateescape")
    if not _has_halves(text):
        return json.dumps(text, ensure_ascii=False).encode()
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogateescape")
