"""A project's rules, ready to be applied."""

from temporalio.api.common.v1 import Payload

from watchglass.model.redaction import RedactionRules
from watchglass.parse.payload import REDACTED
from watchglass.parse.redaction.json_spans import Hiding, NotJson
from watchglass.parse.redaction.mark import MARK, Marker
from watchglass.parse.redaction.patterns import Pattern, patterns_of, spans
from watchglass.parse.redaction.places import Paths, below, places_of
from watchglass.parse.redaction.quick import quick_look

_TEXT_FORMATS = frozenset({"", "binary/plain"})
_READABLE_BYTES = frozenset({"binary/protobuf", *_TEXT_FORMATS})
"""Not text, or not always, but nobody encrypted it: a value in it stands there as it is."""


class Redactor:
    """Hides values by the rules of one project. What it is given twice it changes once."""

    def __init__(self, rules: RedactionRules, key: bytes, *, revision: int) -> None:
        """`key`: the project's, for its marks. `revision`: which state of the rules this is; later ones are greater.

        Raises:
            InvalidInput: a rule cannot be used.
        """
        self.revision = revision
        self._mark = Marker(key).mark
        self._places = places_of(rules)
        self._patterns = patterns_of(rules)
        self._hiding = Hiding(self._places, self._mark, self._in_text)
        self._quick = quick_look(rules)
        self._quick_place = quick_look(RedactionRules(keys=rules.keys, paths=rules.paths))
        self._quick_in_text = quick_look(RedactionRules(patterns=rules.patterns, expressions=rules.expressions))

    def may_hide(self, data: bytes) -> bool:
        """False: in these bytes, of serialised messages or of a JSON text, nothing is hidden."""
        return self._quick is None or self._quick.search(data) is not None

    def text(self, value: str) -> str:
        """A text that has no names in it, such as an error's message."""
        data = value.encode("utf-8", "surrogatepass")
        after = self._in_text(data)
        return value if after is data else after.decode("utf-8", "surrogatepass")

    def opaque(self, value: bytes) -> bytes:
        """Bytes that nobody here reads as a value; texts in them are found."""
        return self._in_text(value)

    def named_text(self, name: str, value: str) -> str:
        """A text with a name, such as a header."""
        if self._places.hides(name):
            return self._mark(value.encode("utf-8", "surrogatepass")).decode()
        return self.text(value)

    def json(self, data: bytes) -> bytes:
        """A JSON text; one that is none is hidden whole where only names would say what to hide."""
        return self._json(data, self._places.paths)

    def payload(self, payload: Payload, *, name: str | None = None) -> Payload:
        """The very payload where nothing is hidden, else another one, which says so.

        `name`: under which it stands in a memo, among search attributes or headers; the first step of a path.
        """
        encoding = payload.metadata.get("encoding", b"").decode("utf-8", "replace").strip()
        if encoding == "binary/null" or (REDACTED in payload.metadata and MARK.fullmatch(payload.data.strip(b'"'))):
            return payload
        paths = self._places.paths if name is None else below(self._places.paths, name)
        if name is not None and (self._places.hides(name) or () in paths):
            return self._whole(payload, encoding)
        held = payload.data
        if encoding.startswith("json/"):
            data = self._json(held, paths)
            return payload if data == held else _marked(payload, data)
        if encoding not in _READABLE_BYTES:
            return payload  # A codec's: nobody here can read it.
        data = self._in_text(held)
        if data == held:
            return payload
        if encoding == "binary/protobuf":
            return self._whole(payload, encoding)  # Its lengths would no longer be right.
        return _marked(payload, data)

    def _whole(self, payload: Payload, encoding: str) -> Payload:
        if payload.data == b"null" and encoding.startswith("json/"):
            return payload
        plain = payload.data
        if encoding.startswith("json/") and plain[:1] == b'"' and plain[-1:] == b'"' and b"\\" not in plain:
            plain = plain[1:-1]  # The text itself, so that its mark is that of the same text elsewhere.
        made = _marked(payload, b'"' + self._mark(plain) + b'"')
        made.metadata["encoding"] = b"json/plain"
        if "type" in made.metadata and made.metadata["type"] not in _TEXT_TYPES:
            made.metadata["type"] = b"Keyword"  # It is no number or time any more.
        return made

    def _json(self, data: bytes, paths: Paths) -> bytes:
        if () not in paths and (not self.may_hide(data) or self._holds_nothing(data)):
            return data
        try:
            return self._hiding.apply(data, paths)
        except NotJson:
            if self._places.are_any:
                return b'"' + self._mark(data) + b'"'
            return self._in_text(data)

    def _holds_nothing(self, data: bytes) -> bool:
        """Of a JSON text that only looks as if a pattern held: none does, and none of the names is in it.

        Without escapes its texts stand there as they are, and between two of them is what no card or IBAN goes across.
        """
        if b"\\" in data or self._quick is None or self._quick_place is None:
            return False
        if self._places.are_any and self._quick_place.search(data) is not None:
            return False
        return all(next(spans(pattern, data), None) is None for pattern in self._patterns)

    def _in_text(self, data: bytes) -> bytes:
        """The very bytes where nothing is hidden."""
        if not self._patterns or (self._quick_in_text is not None and self._quick_in_text.search(data) is None):
            return data
        for pattern in self._patterns:
            data = self._without(pattern, data)
        return data

    def _without(self, pattern: Pattern, data: bytes) -> bytes:
        found = list(spans(pattern, data))
        if not found:
            return data
        marks = [mark.span() for mark in MARK.finditer(data)]
        pieces: list[bytes] = []
        kept_to = 0
        for start, end in found:
            if any(start < mark_end and end > mark_start for mark_start, mark_end in marks):
                continue
            pieces += (data[kept_to:start], self._mark(data[start:end]))
            kept_to = end
        if not pieces:
            return data
        return b"".join((*pieces, data[kept_to:]))


_TEXT_TYPES = (b"Keyword", b"Text", b"KeywordList")


def _marked(payload: Payload, data: bytes) -> Payload:
    made = Payload()
    made.CopyFrom(payload)
    made.data = data
    made.metadata[REDACTED] = b"1"
    return made
