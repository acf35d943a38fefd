"""What is written in bulk arrives as it was given, whatever words it holds."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from watchglass.store.bulk import MOMENT, Columns, sent
from watchglass.store.scope import Store

NOT_PLAIN = ["", " a ", "NULL", '"', "\\", '\\"', "a,b", "{}", "'", "ü\n\t", "\x1f", "\x1e", "\x1e\x1f", '"\x1e"', "😀"]


async def arrived(store: Store, columns: Columns, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    async with store.write() as reader:
        return [tuple(row) for row in await reader.fetch(columns.values(), *sent(columns, rows))]


@pytest.mark.parametrize("word", NOT_PLAIN)
async def test_a_word_is_itself_alone_and_among_others_and_beside_none(store: Store, word: str) -> None:
    columns = Columns((("number", "bigint"), ("word", "text")))
    for words in ([word], [word, "plain", word], [None, word, None, None, word]):
        rows = list(enumerate(words))
        assert await arrived(store, columns, rows) == rows


async def test_all_such_words_stand_in_one_column(store: Store) -> None:
    columns = Columns((("number", "bigint"), ("word", "text")))
    rows = list(enumerate([*NOT_PLAIN, None, *NOT_PLAIN]))
    assert await arrived(store, columns, rows) == rows


async def test_values_of_every_kind_are_those_that_were_given(store: Store) -> None:
    columns = Columns(
        (
            ("id", "uuid"),
            ("sum", "numeric"),
            ("ratio", "double precision"),
            ("is_open", "boolean"),
            ("at", MOMENT),
            ("data", "bytea"),
            ("bins", "smallint[]"),
            ("names", "text[]"),
            ("nothing", "text"),
        )
    )
    id = UUID("01a2081d-9ecf-7a48-9743-c3cdaca73d7d")
    given = [
        (id, Decimal("1E+30"), 0.1, True, 0, b"\x00\xff", "{1,-2}", "{completed,failed}", None),
        (id, Decimal("-0.000001"), None, None, None, None, None, None, None),
        (id, 7, 1e300, False, 1_700_000_000_000_001, b"", "{}", "{}", None),
    ]
    first, second, third = await arrived(store, columns, given)
    assert first[:4] == (id, Decimal("1E+30"), 0.1, True) and first[5:] == (
        b"\x00\xff",
        [1, -2],
        ["completed", "failed"],
        None,
    )
    assert second == (id, Decimal("-0.000001"), *[None] * 7)
    assert third[:4] == (id, Decimal(7), 1e300, False) and third[5:] == (b"", [], [], None)
    assert (third[4] - first[4]).total_seconds() == 1_700_000_000.000001
