"""What comes from histories, servers and files does not command the terminal that it is printed on."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.hostile.texts import TEXTS

from watchglass.cli.connection_table import print_connections, print_examination
from watchglass.cli.main import run
from watchglass.cli.visible import say, visible
from watchglass.temporal.examine import Examination

ESCAPE = "\x1b[2J\x1b]0;forged\x07\u202e\x9b31m"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_only_characters_that_can_be_seen_are_printed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(text)
    printed = capsys.readouterr().out
    assert all(character.isprintable() or character in "\n\t" for character in printed)
    assert text.isprintable() == (printed == f"{text}\n") or "\n" in text or "\t" in text


def test_what_is_not_seen_is_told_by_its_number() -> None:
    assert visible("a\x1b[0m\u202e\U000e0041\n\tb") == "a\\x1b[0m\\u202e\\U000e0041\n\tb"


def test_the_list_of_connections_does_not_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    row: dict[str, Any] = {
        **dict.fromkeys(("project_name", "address", "namespace", "scope", "level", "state", "error"), ESCAPE),
        "id": uuid4(),
        "shown_credentials": None,
    }
    print_connections([row], as_json=False)
    printed = capsys.readouterr().out
    assert "\\x1b" in printed
    assert all(character.isprintable() or character == "\n" for character in printed)


def test_what_a_server_answers_to_the_test_does_not_either(capsys: pytest.CaptureFixture[str]) -> None:
    found = Examination((), f"It says {ESCAPE}", None, None, None, None)
    print_examination(found, as_json=False)
    assert capsys.readouterr().out == f"It says {visible(ESCAPE)}\n"


def test_nor_does_the_sentence_of_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(tmp_path / f"a{ESCAPE}")]) == 2
    told = capsys.readouterr().err
    assert "\\x1b[2J" in told
    assert "\x1b" not in told and "\u202e" not in told
