"""What a quick look passes over has nothing in it that a close look would hide."""

import json
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import (
    ActivityTaskScheduledEventAttributes,
    HistoryEvent,
)
from temporalio.api.sdk.v1 import UserMetadata

from watchglass.errors import InvalidInput
from watchglass.model.redaction import NamedPattern, RedactionRules
from watchglass.parse.file import read_history
from watchglass.parse.redaction.messages import redact_events
from watchglass.parse.redaction.quick import FOLDED, quick_look
from watchglass.parse.redaction.redactor import Redactor

RULES = RedactionRules(
    keys=("password", "*token*", "tax-id"),
    paths=("customer.address.street", "items.*.note"),
    patterns=tuple(NamedPattern),
    expressions=(r"\bACME-[0-9]+\b",),
)
VALUES = [
    "4111 1111 1111 1111",
    "ada@example.org",
    "DE89 3704 0044 0532 0130 00",
    "GB82WEST12345698765432",
    "+49 (30) 123-4567",
    "078-05-1120",
    "Bearer abc.def/123456",
    "basic abcdefgh",
    "bearer\tabcdefgh",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF_-123",
    "sk_live_abcdefghij1234567890",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "postgres://ada:hunter2@db/x",
    "ACME-12",
]
FIXTURES = Path(__file__).parents[1] / "fixtures/histories/files"


@cache
def quick() -> Redactor:
    return Redactor(RULES, b"k" * 32, revision=1)


@cache
def closely() -> Redactor:
    """The same rules, looked for everywhere."""
    made = Redactor(RULES, b"k" * 32, revision=1)
    made._quick = made._quick_in_text = made._quick_place = None
    assert quick()._quick is not None
    return made


def copies(event: HistoryEvent) -> list[HistoryEvent]:
    return [HistoryEvent.FromString(event.SerializeToString()) for _ in range(2)]


def check(event: HistoryEvent) -> bool:
    """Both looks hide the same; was it anything?"""
    one, other = copies(event)
    assert bool(redact_events([one], quick())) == bool(redact_events([other], closely()))
    assert one == other
    return one != event


def failed(message: str) -> HistoryEvent:
    return HistoryEvent(activity_task_failed_event_attributes={"failure": {"message": message}})  # type: ignore[arg-type]


def scheduled(data: bytes, encoding: bytes = b"json/plain") -> HistoryEvent:
    given = Payloads(payloads=[Payload(metadata={"encoding": encoding}, data=data)])
    return HistoryEvent(activity_task_scheduled_event_attributes=ActivityTaskScheduledEventAttributes(input=given))


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_seen_wherever_it_stands_whatever_its_length_looks_like(value: str) -> None:
    # The length that stands before a text is a letter or a digit at some of these sizes.
    for size in range(len(value), len(value) + 100):
        text = value + " " * (size - len(value))
        assert check(failed(text)), size
        assert check(HistoryEvent(workflow_execution_terminated_event_attributes={"reason": text}))  # type: ignore[arg-type]
    for encoded in (
        json.dumps([value]),
        json.dumps({"a": {"b": value}}),
        json.dumps([json.dumps({"a": value})]),
        json.dumps([json.dumps([json.dumps([value])])]),
        json.dumps([value]).replace("/", r"\/"),
        '["' + "".join(f"\\u{ord(character):04x}" for character in value) + '"]',
        '["'
        + "".join(
            f"\\u{ord(character):04X}" if character in "/-.@+ \n" else character
            for character in value
            if character != "\n"
        )
        + '"]',
    ):
        assert check(scheduled(encoded.encode())), encoded
    assert check(scheduled(value.encode(), b"binary/plain"))
    assert check(HistoryEvent(user_metadata=UserMetadata(summary=scheduled(json.dumps(value).encode())
        .activity_task_scheduled_event_attributes.input.payloads[0])))  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        '{"Pass_Word": "x"}',
        r'{"p\u0061ssword": "x"}',
        '{"pa\u00dfword": "x"}',
        r'{"pa\u00dfword": "x"}',
        '{"TO\u212aEN": "x"}',
        r'{"to\u212aen": "x"}',
        '{"my access token id": 7}',
        '{"Tax ID": 7}',
        r'["{\"password\": \"x\"}"]',
        '{"customer": {"address": {"street": "x"}}}',
        '{"items": [{"note": "x"}]}',
        '{"password" "x"}',
    ],
)
def test_a_name_is_seen_however_it_is_written(data: str) -> None:
    assert check(scheduled(data.encode()))


def test_names_of_memos_and_headers_are_seen() -> None:
    value = {"password": Payload(metadata={"encoding": b"json/plain"}, data=b'"x"')}
    for event in (
        HistoryEvent(workflow_execution_started_event_attributes={"memo": {"fields": value}}),  # type: ignore[arg-type]
        HistoryEvent(activity_task_scheduled_event_attributes={"header": {"fields": value}}),  # type: ignore[arg-type]
        HistoryEvent(nexus_operation_scheduled_event_attributes={"nexus_header": {"X-Token": "x"}}),  # type: ignore[arg-type]
        HistoryEvent(workflow_properties_modified_event_attributes={"upserted_memo": {"fields": value}}),  # type: ignore[arg-type]
    ):
        assert check(event)


def test_recorded_histories() -> None:
    changed = 0
    for file in sorted(FIXTURES.rglob("*.json"))[::5]:
        try:
            events = read_history(file.read_bytes())
        except InvalidInput:
            continue  # Some stand there to be refused.
        others = [HistoryEvent.FromString(event.SerializeToString()) for event in events]
        found = redact_events(events, quick())
        assert found == redact_events(others, closely())
        assert list(events) == others
        changed += len(found)
    assert changed


_PIECES = st.sampled_from(
    [*VALUES, "password", "token", "ACME", "customer", "street", "\u00e4", "1", "@", "://", '"', "\\"]
)
_JSON = st.recursive(
    _PIECES | st.integers() | st.lists(_PIECES, max_size=3).map("".join),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_PIECES, inner, max_size=3) | inner.map(json.dumps),
    max_leaves=8,
)


@given(_JSON, st.booleans())
def test_any_json(value: object, ascii_only: bool) -> None:
    check(scheduled(json.dumps(value, ensure_ascii=ascii_only).encode()))


@given(st.lists(_PIECES, max_size=4).map(" ".join))
def test_any_text(text: str) -> None:
    check(failed(text))
    check(scheduled(text.encode(), b"binary/plain"))


def test_what_has_none_of_it_is_passed_over() -> None:
    look = quick_look(RedactionRules(keys=("password", "*token*")))
    assert look.search(scheduled(b'{"customer": 17, "note": "no secret"}').SerializeToString()) is None


def test_the_characters_that_become_ascii_are_all_known() -> None:
    others = map(chr, range(128, sys.maxunicode + 1))
    assert [one for one in others if any(part.isascii() for part in one.casefold())] == sorted(FOLDED)


@pytest.mark.parametrize(
    "rules",
    [
        RedactionRules(expressions=("^x",)),
        RedactionRules(expressions=(r"x\b+",)),
        RedactionRules(keys=("\u00e4",)),
        RedactionRules(paths=("0.*",)),
    ],
)
def test_what_no_expression_can_say_is_looked_for_everywhere(rules: RedactionRules) -> None:
    assert quick_look(rules) is None
    assert Redactor(rules, b"k" * 32, revision=1).may_hide(b"")
