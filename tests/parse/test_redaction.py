"""Hiding values: what is found, what stays byte for byte, and that doing it twice is doing it once."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Memo, Payload, Payloads, SearchAttributes
from temporalio.api.history.v1 import HistoryEvent

from watchglass.errors import InvalidInput
from watchglass.model.journal import MEMO_JOURNAL, MEMO_RUN
from watchglass.model.redaction import NamedPattern, RedactionRules
from watchglass.parse.hidden import without_values
from watchglass.parse.payload import REDACTED
from watchglass.parse.redaction.messages import redact, redact_events
from watchglass.parse.redaction.redactor import Redactor

KEY = b"k" * 32
EVERY = tuple(NamedPattern)


def redactor(key: bytes = KEY, **rules: tuple[str, ...]) -> Redactor:
    return Redactor(RedactionRules(**rules), key, revision=1)  # type: ignore[arg-type]


def plain(data: bytes, **metadata: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", **metadata}, data=data)


class TestJson:
    def test_members_are_hidden_by_name_and_everything_else_stays_byte_for_byte(self) -> None:
        text = b'{ "pass_word" :"a",  "n":1e400, "big":12345678901234567890.000, "A":{"Pass-Word":{"x":[1,  2]}} }'
        after = redactor(keys=("password",)).json(text)
        mark = rb'"\[redacted:[0-9a-f]{8}\]"'
        wanted = re.escape(text).replace(rb'"a"', mark, 1)
        wanted = wanted.replace(re.escape(b'{"x":[1,  2]}'), mark, 1)
        assert re.fullmatch(wanted, after)

    @pytest.mark.parametrize(
        ("path", "text", "hidden"),
        [
            ("customer.street", '{"customer":{"street":"S","city":"C"},"street":"T"}', ["S"]),
            ("items.*.note", '{"items":[{"note":"S"},{"note":"T","x":{"note":"C"}}]}', ["S", "T"]),
            ("items.1", '{"items":["C","S"]}', ["S"]),
            ("*.secret", '{"a":{"secret":"S"},"secret":"T"}', ["S"]),
        ],
    )
    def test_paths_lead_from_the_top_to_one_place(self, path: str, text: str, hidden: list[str]) -> None:
        after = redactor(paths=(path,)).json(text.encode()).decode()
        shown = set(re.findall(r'"([SCT])"', text)) - set(hidden)
        assert set(re.findall(r'"([SCT])"', after)) == shown
        assert after.count("[redacted:") == len(hidden)

    @pytest.mark.parametrize("text", [b'{"password": null}', b"null", b"[]", b'"x"', b"NaN", b'{"a": [Infinity]}'])
    def test_what_hides_nothing_changes_nothing(self, text: bytes) -> None:
        assert redactor(keys=("password",), patterns=EVERY).json(text) == text

    def test_names_that_are_written_with_escapes_are_names_all_the_same(self) -> None:
        after = redactor(keys=("password",)).json(rb'{"p\u0061ssword": "secret"}')
        assert b"secret" not in after and rb"p\u0061ssword" in after

    def test_values_that_are_written_with_escapes_are_found(self) -> None:
        after = redactor(patterns=(NamedPattern.EMAIL,)).json(rb'"mail \u0061da\u0040example.org now"')
        assert re.fullmatch(rb'"mail \[redacted:[0-9a-f]{8}\] now"', after)

    def test_json_in_a_text_has_names_too(self) -> None:
        inner = json.dumps({"password": "secret", "kept": 1})
        after = json.loads(redactor(keys=("password",)).json(json.dumps([inner]).encode()))
        assert "secret" not in after[0] and json.loads(after[0])["kept"] == 1

    @pytest.mark.parametrize(
        "text",
        [b'{"password" "s3cret"}', b'{"a":1 "password":"s3cret"}', b'{"password":"s3cret"', b'["password":"s3cret"]'],
    )
    def test_what_is_no_json_is_hidden_whole_where_it_has_such_a_name(self, text: bytes) -> None:
        assert re.fullmatch(rb'"\[redacted:[0-9a-f]{8}\]"', redactor(keys=("password",)).json(text))

    def test_names_with_stars(self) -> None:
        after = redactor(keys=("*token*",)).json(b'{"accessToken": "S", "token_id": "S", "tok": "C"}')
        assert after.count(b"[redacted:") == 2 and b'"C"' in after

    def test_bytes_that_are_no_text_stay(self) -> None:
        text = b'{"password": "\xff\xfe", "kept": "\xed\xa0\x80\xff"}'
        after = redactor(keys=("password",)).json(text)
        assert b"\xff\xfe" not in after and b'"kept": "\xed\xa0\x80\xff"' in after

    def test_deep_nesting_and_long_texts_are_read(self) -> None:
        deep = b'{"a":' * 50_000 + b'{"password":"s3cret"}' + b"}" * 50_000
        assert b"s3cret" not in redactor(keys=("password",)).json(deep)
        long = b'["' + b'\\"' * 500_000 + b'", {"password": "s3cret"}]'
        assert b"s3cret" not in redactor(keys=("password",), patterns=EVERY).json(long)


class TestPatterns:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            (NamedPattern.CARD_NUMBER, "4111 1111 1111 1111"),
            (NamedPattern.CARD_NUMBER, "5500-0000-0000-0004"),
            (NamedPattern.CARD_NUMBER, "378282246310005"),
            (NamedPattern.EMAIL, "ada.lovelace+x@mail.example.co.uk"),
            (NamedPattern.IBAN, "DE89 3704 0044 0532 0130 00"),
            (NamedPattern.IBAN, "GB82WEST12345698765432"),
            (NamedPattern.PHONE, "+49 (30) 123-4567"),
            (NamedPattern.US_SOCIAL_SECURITY, "078-05-1120"),
            (NamedPattern.JWT, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF_-123"),
            (NamedPattern.API_KEY, "sk_live_abcdefghij1234567890"),
            (NamedPattern.API_KEY, "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
            (NamedPattern.AWS_ACCESS_KEY, "AKIAIOSFODNN7EXAMPLE"),
            (NamedPattern.PRIVATE_KEY, "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"),
            (NamedPattern.PRIVATE_KEY, "-----BEGIN PRIVATE KEY-----\nMIIE that was cut off"),
        ],
    )
    def test_a_value_is_found_inside_other_words(self, name: NamedPattern, value: str) -> None:
        one = redactor(patterns=(name,))
        before = "" if value.endswith("off") else ", and 12 more"
        assert re.fullmatch(rf"No 7 is \[redacted:[0-9a-f]{{8}}\]{before}", one.text(f"No 7 is {value}{before}"))

    @pytest.mark.parametrize(
        ("name", "value", "kept"),
        [
            (NamedPattern.BEARER_TOKEN, "Authorization: Bearer abc.def-123456", "Authorization: Bearer "),
            (NamedPattern.URL_PASSWORD, "postgres://ada:hunter2@db/x", "postgres://ada:"),
        ],
    )
    def test_only_the_secret_part_is_hidden(self, name: NamedPattern, value: str, kept: str) -> None:
        after = redactor(patterns=(name,)).text(value)
        assert after.startswith(kept + "[redacted:") and "hunter2" not in after and "123456" not in after

    @pytest.mark.parametrize(
        "text",
        ["1700000000000", "4111 1111 1111 1112", "an@nowhere", "DE00 3704 0044 0532 0130 00", "order-12-34-5678"],
    )
    def test_what_only_looks_alike_stays(self, text: str) -> None:
        assert redactor(patterns=EVERY).text(text) == text

    def test_a_card_behind_other_numbers_is_found(self) -> None:
        after = redactor(patterns=(NamedPattern.CARD_NUMBER,)).text("pos 2 4111111111111111, 3 5500000000000004 4")
        assert re.fullmatch(r"pos 2 \[redacted:\w{8}\], 3 \[redacted:\w{8}\] 4", after)

    @pytest.mark.parametrize("expression", ["(", r"(a)\1", "x*", "(?=a)", "^", "((a{100}){100}){100}"])
    def test_expressions_that_cannot_be_used_are_refused(self, expression: str) -> None:
        with pytest.raises(InvalidInput):
            redactor(expressions=(expression,))

    def test_an_expression_that_others_take_for_ever_with_takes_no_time(self) -> None:
        text = "a" * 200_000
        assert redactor(expressions=("(a+)+b", "(a|aa)+c")).text(text) == text

    def test_expressions_that_look_at_the_ends_see_those_of_the_value(self) -> None:
        after = redactor(expressions=("^ACME$",)).json(b'{"a": "ACME", "b": "ACME 2"}')
        assert after.count(b"[redacted:") == 1 and b"ACME 2" in after

    @pytest.mark.parametrize("rules", [{"keys": ("*",)}, {"keys": ("-",)}, {"paths": ("*.*",)}, {"paths": ("a..b",)}])
    def test_names_and_paths_that_name_everything_or_nothing_are_refused(self, rules: dict[str, tuple[str]]) -> None:
        with pytest.raises(InvalidInput):
            redactor(**rules)


class TestMarks:
    def test_the_same_value_has_the_same_mark_wherever_it_stands(self) -> None:
        one = redactor(keys=("mail",), patterns=(NamedPattern.EMAIL,))
        (by_name,) = re.findall(rb"\[redacted:\w{8}\]", one.json(b'{"mail": "ada@example.org"}'))
        assert one.text("to ada@example.org") == f"to {by_name.decode()}"

    def test_another_project_marks_it_otherwise(self) -> None:
        texts = {redactor(key, patterns=EVERY).text("ada@example.org") for key in (KEY, b"j" * 32)}
        assert len(texts) == 2

    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.floats()
            | st.integers()
            | st.text()
            | st.sampled_from(["ada@example.org", "4111111111111111", "[redacted:0123abcd]", '{"password": "x"}']),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["password", "a", "b.c", "é"]), inner),
            max_leaves=20,
        )
    )
    def test_twice_is_once_and_the_rest_is_the_same(self, value: object) -> None:
        one = redactor(keys=("password",), paths=("a.0",), patterns=EVERY, expressions=("[0-9a-f]{8}",))
        text = json.dumps(value).encode()
        after = one.json(text)
        assert one.json(after) == after
        assert json.loads(one.json(json.dumps(json.loads(after)).encode())) == json.loads(after)
        assert b"ada@example.org" not in after


class TestMessages:
    def test_every_payload_of_an_event_is_looked_at(self) -> None:
        event = HistoryEvent(event_id=5)
        attributes = event.activity_task_scheduled_event_attributes
        attributes.activity_id = "ada@example.org"
        attributes.input.CopyFrom(Payloads(payloads=[plain(b'{"password": "s3cret"}'), plain(b"1")]))
        attributes.header.fields["password"].CopyFrom(plain(b'"s3cret"'))
        event.user_metadata.summary.CopyFrom(plain(b'"for ada@example.org"'))
        one = redactor(keys=("password",), patterns=EVERY)
        assert redact(event, one)
        data = event.SerializeToString()
        assert b"s3cret" not in data and b"for ada" not in data
        assert attributes.activity_id == "ada@example.org", "ids say which is which, and stay"
        assert REDACTED in attributes.input.payloads[0].metadata
        assert REDACTED not in attributes.input.payloads[1].metadata
        assert not redact(event, one), "twice is once"

    def test_what_code_chose_beside_payloads_is_hidden_by_rules_and_from_whom_values_are_not_for(self) -> None:
        started = HistoryEvent(event_id=1)
        first = started.workflow_execution_started_event_attributes
        first.priority.fairness_key = "ada@example.org"
        first.identity = "ada@example.org"
        callback = first.completion_callbacks.add()
        callback.nexus.url = "https://ada:ada@example.org/back"
        callback.nexus.header["x"] = "ada@example.org"
        first.completion_callbacks.add().internal.data = b"\x0a\x0fada@example.org\x00"
        begun = HistoryEvent(event_id=2)
        begun.nexus_operation_started_event_attributes.operation_token = "ada@example.org"
        begun.nexus_operation_started_event_attributes.operation_id = "ada@example.org"
        failed = HistoryEvent(event_id=3)
        info = failed.nexus_operation_failed_event_attributes.failure.nexus_operation_execution_failure_info
        info.operation_token = info.operation_id = "ada@example.org"
        events = [started, begun, failed]
        for event in events:
            unseen = without_values(event)
            if event is started:
                assert unseen.workflow_execution_started_event_attributes.identity == "ada@example.org"
                unseen.workflow_execution_started_event_attributes.ClearField("identity")
            assert b"ada@" not in unseen.SerializeToString()
        assert redact_events(events, redactor(patterns=EVERY)) == {1, 2, 3}
        assert first.identity == "ada@example.org", "it says which worker it was"
        first.ClearField("identity")
        assert not any(b"ada@" in event.SerializeToString() for event in events)
        assert redact_events(events, redactor(patterns=EVERY)) == set(), "twice is once"

    def test_failures_are_hidden_along_the_whole_chain(self) -> None:
        event = HistoryEvent()
        failure = event.activity_task_failed_event_attributes.failure
        for _ in range(60):
            failure.message = "declined 4111111111111111"
            failure.stack_trace = "at ada@example.org"
            failure.application_failure_info.details.payloads.add().CopyFrom(plain(b'{"password": "s3cret"}'))
            failure = failure.cause
        assert redact(event, redactor(keys=("password",), patterns=EVERY))
        data = event.SerializeToString()
        assert not any(text in data for text in (b"4111", b"ada@", b"s3cret"))

    def test_codecs_and_binary_values(self) -> None:
        one = redactor(keys=("password",), patterns=EVERY)
        opaque = Payload(metadata={"encoding": b"binary/encrypted"}, data=b"ada@example.org")
        assert one.payload(opaque) is opaque, "nobody here can read it"
        message = Payload(metadata={"encoding": b"binary/protobuf"}, data=b"\x0a\x0fada@example.org\x00")
        assert b"ada@" not in one.payload(message).data
        text = Payload(metadata={"encoding": b"binary/plain"}, data=b"\x00to ada@example.org")
        assert b"ada@" not in one.payload(text).data

    def test_search_attributes_of_people_are_hidden_and_those_of_the_server_are_not(self) -> None:
        fields = SearchAttributes()
        fields.indexed_fields["Customer"].CopyFrom(plain(b"12", type=b"Int"))
        fields.indexed_fields["TemporalScheduledById"].CopyFrom(plain(b'"ada@example.org"', type=b"Keyword"))
        assert redact(fields, redactor(keys=("customer", "temporal*"), patterns=EVERY))
        assert fields.indexed_fields["Customer"].metadata["type"] == b"Keyword"
        assert fields.indexed_fields["TemporalScheduledById"].data == b'"ada@example.org"'

    def test_a_drawings_journal_keeps_how_its_nodes_stand(self) -> None:
        entries = [{"node": "ask", "state": "completed", "at": "x", "output": {"password": "s3cret", "n": 1}}]
        memo = Memo()
        memo.fields[MEMO_JOURNAL].CopyFrom(plain(json.dumps(entries).encode()))
        memo.fields[MEMO_RUN].CopyFrom(plain(b'{"workflowId": "w", "version": 1}'))
        assert redact(memo, redactor(keys=("password", "node", "state", "workflow id", "version")))
        (entry,) = json.loads(memo.fields[MEMO_JOURNAL].data)
        assert (entry["node"], entry["state"], entry["output"]["n"]) == ("ask", "completed", 1)
        assert entry["output"]["password"].startswith("[redacted:")
        assert json.loads(memo.fields[MEMO_RUN].data)["version"] == 1

    def test_an_sdks_bookkeeping_in_markers_stays(self) -> None:
        event = HistoryEvent()
        marker = event.marker_recorded_event_attributes
        marker.marker_name = "core_local_activity"
        marker.details["data"].payloads.add().CopyFrom(plain(b'{"attempt": 2}'))
        marker.details["result"].payloads.add().CopyFrom(plain(b'{"attempt": "s3cret"}'))
        assert redact(event, redactor(keys=("attempt",)))
        assert marker.details["data"].payloads[0].data == b'{"attempt": 2}'
        assert b"s3cret" not in marker.details["result"].payloads[0].data
