"""What does not fit is named."""

from typing import Any

import pytest

from watchglass.builder.fits import misfits

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
    "required": ["id"],
}


class TestMisfits:
    def test_what_fits_says_nothing(self) -> None:
        assert misfits({"id": "7", "lines": [{"sku": "a"}]}, ORDER, what="The input") == []

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            ({}, "The input does not fit: “id” is missing."),
            ({"id": 7}, "The input does not fit: “id” is a number, and a text is wanted."),
            (
                {"id": "7", "lines": [{"sku": "a"}, {"sku": 1}]},
                "The input does not fit: “lines[1].sku” is a number, and a text is wanted.",
            ),
            ([], "The input is a list, and an object is wanted."),
        ],
    )
    def test_the_field_is_named(self, value: object, sentence: str) -> None:
        assert misfits(value, ORDER, what="The input") == [sentence]

    @pytest.mark.parametrize(
        ("schema", "part"),
        [
            ({"type": "strange"}, "The schema is wrong"),
            ({"$ref": "http://127.0.0.1:1/other.json"}, "refers to http://127.0.0.1:1/other.json"),
        ],
    )
    def test_a_schema_that_cannot_be_used_is_told_and_not_followed_elsewhere(
        self, schema: dict[str, Any], part: str
    ) -> None:
        [sentence] = misfits({}, schema, what="The input")
        assert part in sentence

    def test_a_long_value_is_not_repeated(self) -> None:
        [sentence] = misfits({"id": ["x" * 10_000]}, ORDER, what="The input")
        assert len(sentence) < 400

    def test_a_pattern_takes_linear_time(self) -> None:
        schema = {"type": "object", "properties": {"id": {"type": "string", "pattern": "^(a+)+$"}}}
        assert misfits({"id": "a" * 50_000 + "!"}, schema, what="The input") == [
            "The input does not fit: “id” does not have the form ^(a+)+$."
        ]

    def test_a_schema_that_refers_to_itself_without_end_is_told(self) -> None:
        [sentence] = misfits({}, {"$ref": "#"}, what="The input")
        assert sentence == "The input cannot be checked: The schema refers to itself without end."

    def test_a_long_list_is_not_too_much_work(self) -> None:
        lines = [{"sku": "a"}] * 20_000
        assert misfits({"id": "7", "lines": lines}, ORDER, what="The input") == []
