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
            ({}, "The input lacks the field id."),
            ({"id": 7}, "The input, field id, does not fit: 7 is not of type 'string'."),
            (
                {"id": "7", "lines": [{"sku": "a"}, {"sku": 1}]},
                "The input, field lines[1].sku, does not fit: 1 is not of type 'string'.",
            ),
            ([], "The input does not fit: [] is not of type 'object'."),
        ],
    )
    def test_the_field_is_named(self, value: object, sentence: str) -> None:
        assert misfits(value, ORDER, what="The input") == [sentence]

    @pytest.mark.parametrize(
        ("schema", "part"),
        [
            ({"type": "strange"}, "its schema is wrong"),
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
