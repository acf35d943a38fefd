import string
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchglass.parse.error_group import LONGEST_PATTERN, LOOKED_AT, error_group, message_pattern


def group(message: str) -> str:
    return error_group("Refused", message, "Charge the card")


def has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def is_like_random(text: str) -> bool:
    return 32 * sum(map(text.count, "/+")) <= 2 * len(text)


moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).flatmap(
    lambda at: st.sampled_from(
        [
            at.replace(tzinfo=UTC).isoformat(),
            at.isoformat(sep=" ", timespec="seconds"),
            f"{at:%Y-%m-%dT%H:%M:%SZ}",
            f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03}",
            f"{at:%d/%m/%Y %H:%M:%S}",
            f"{at:%a, %d %b %Y %H:%M:%S} GMT",
        ]
    )
)
changing = st.one_of(
    st.integers(0, 10**18).map(str),
    st.floats(1e-6, 1e15).map(repr),
    st.integers(10**4, 10**12).map("{:,}".format),
    st.uuids().map(str),
    st.text("0123456789abcdef", min_size=8, max_size=64).filter(has_digit),
    st.integers(16, 2**64 - 1).map(hex),
    moments,
    st.tuples(st.ip_addresses(v=4), st.integers(1, 65535)).map(lambda it: f"{it[0]}:{it[1]}"),
    st.tuples(st.integers(0, 999), st.sampled_from(["ms", "s", "m3s", "h2m5.25s", ".5s"])).map(
        lambda it: f"{it[0]}{it[1]}"
    ),
    st.text(string.ascii_lowercase, min_size=1, max_size=20).map("{}@shop.example".format),
    st.binary(min_size=48, max_size=3000).map(lambda data: b64encode(data).decode()).filter(is_like_random),
    st.text(string.ascii_letters + string.digits, min_size=300, max_size=3000),
)
"""What stands in messages and says nothing about what went wrong."""


class TestGroup:
    @given(changing)
    def test_errors_that_differ_in_what_changes_are_one(self, part: str) -> None:
        assert group(f"Order {part} was refused") == group("Order 7 was refused"), message_pattern(part)

    @given(changing)
    def test_so_are_those_that_differ_at_their_end(self, part: str) -> None:
        assert group(f"Refused: {part}.") == group("Refused: 7."), message_pattern(part)

    @given(st.from_regex(r"[A-Za-z_/-]{0,20}[0-9][A-Za-z0-9_/-]{0,20}", fullmatch=True), st.sampled_from("\"'`"))
    def test_what_is_quoted_and_has_a_digit_is_an_id(self, part: str, quote: str) -> None:
        assert group(f"No order {quote}{part}{quote}.") == group(f"No order {quote}A-7{quote}.")

    @given(
        st.lists(st.text(string.ascii_letters, min_size=1), min_size=1),
        st.lists(st.text(string.ascii_letters, min_size=1)),
    )
    def test_errors_in_other_words_are_others(self, words: list[str], others: list[str]) -> None:
        assert (group(" ".join(words)) == group(" ".join(others))) == (words == others)

    def test_type_message_and_step_tell_errors_apart(self) -> None:
        given = [("Refused", "no", "pay"), ("Late", "no", "pay"), ("Refused", "yes", "pay"), ("Refused", "no", None)]
        assert len({error_group(*parts) for parts in given}) == len(given)
        assert error_group("ab", "c", None) != error_group("a", "bc", None)

    def test_where_nothing_is_known_there_is_no_group(self) -> None:
        assert error_group(None, None, "pay") == error_group(None, "", None) == ""

    @given(st.text())
    def test_it_is_a_short_word_that_is_no_number(self, message: str) -> None:
        found = error_group("Refused", message, None)
        assert len(found) == 16 and found.isalnum() and found.isascii() and found[0] == "g"

    def test_steps_that_are_named_after_what_they_work_on_are_one(self) -> None:
        assert error_group("Refused", "no", "Charge order 12") == error_group("Refused", "no", "Charge order 345")

    @pytest.mark.parametrize("part", ["5", "123456", "0f8fad5b-d9cb-469f-a165-70867728950e"])
    def test_what_is_cut_is_cut_at_the_same_place_whatever_the_length_of_ids(self, part: str) -> None:
        assert group(f"{part} failed; " * 60 + "a") == group("7 failed; " * 60 + "a")


class TestPattern:
    @pytest.mark.parametrize(
        ("message", "pattern"),
        [
            ("Order 17 was refused by 10.0.0.5:7233", "Order <number> was refused by <address>"),
            ("Run 0f8fad5b-d9cb-469f-a165-70867728950e is gone", "Run <uuid> is gone"),
            ("2026-11-23 09:54:53,123 late by 1m30s", "<time> late by <duration>"),
            ("<Order object at 0x7f3a9b2c1d00>", "<Order object at <hex>>"),
            ("KeyError: 'customer_id'", "KeyError: 'customer_id'"),
            ("No order 'A-17b'", "No order '<id>'"),
            ("HTTP 503 from https://a.example/o/7?key=x&n=1", "HTTP 503 from https://a.example/o/<number>?<query>"),
            ("status code: 404, not 200", "status code: 404, not <number>"),
            ("std::runtime_error in a::b::c", "std::runtime_error in a::b::c"),
            ("dial fe80::1:2 and [::1]:80", "dial <address> and [<address>]:<number>"),
            ("pod web-7d9f8b6c5-x2k9p evicted", "pod web-<hex>-<id> evicted"),
            ("items 1, 2, 3 of 9", "items <number>, … of <number>"),
            ("[redacted:1f2e3d4c] is no card", "[redacted] is no card"),
            ("ask ada@shop.example", "ask <email>"),
            ("line one\n\tline two\r\n", "line one line two"),
            ("a\x00b\u202ec\ue003", "a b c"),
            ("", ""),
        ],
    )
    def test_it_names_what_changes(self, message: str, pattern: str) -> None:
        assert message_pattern(message) == pattern

    @given(st.text(), changing)
    def test_a_pattern_is_its_own(self, message: str, part: str) -> None:
        pattern = message_pattern(f"{message} {part}")
        assert error_group("Refused", pattern, None) == error_group("Refused", f"{message} {part}", None)

    @given(st.text())
    def test_it_is_one_line_that_can_be_seen(self, message: str) -> None:
        pattern = message_pattern(message)
        assert pattern.isprintable() and len(pattern) <= LONGEST_PATTERN

    @pytest.mark.parametrize(
        "part",
        ["1", "a1", "a", "1:", "1.", "a@", "://", "http://a?", "'", "'1", "<number>, ", "0-", "\x00", "f" * 257 + " ",
         "٣", "\U0001f600", "1,", "a.", "23 Nov ", "::", "1h", "-1e", "[redacted:"],
    )  # fmt: skip
    def test_of_a_megabyte_the_beginning_is_looked_at(self, part: str) -> None:
        message = part * (1_000_000 // len(part))
        assert group(message) == group(message[:LOOKED_AT])
