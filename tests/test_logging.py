import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog
from tests.databases import Database

from watchglass.logging import configure_logging


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class TestConfigureLogging:
    def test_json_lines_hold_event_and_keys(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=True)
        structlog.get_logger("test").info("ready", url="http://127.0.0.1:8780/")
        line = json.loads(capsys.readouterr().out)
        assert (line["event"], line["url"], line["level"]) == ("ready", "http://127.0.0.1:8780/", "info")

    def test_libraries_are_in_the_same_form(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=True)
        logging.getLogger("library").warning("disk %s is full", "sda")
        line = json.loads(capsys.readouterr().out)
        assert (line["event"], line["level"]) == ("disk sda is full", "warning")

    async def test_a_row_that_broke_a_constraint_is_not_in_the_trace(
        self, capsys: pytest.CaptureFixture[str], database: Database
    ) -> None:
        word = "sesame"
        connection = await asyncpg.connect(database.admin_url)
        configure_logging(json_lines=True)
        try:
            await connection.execute("CREATE TEMPORARY TABLE kept (word text CHECK (length(word) < 3))")
            try:
                await connection.execute("INSERT INTO kept VALUES ($1)", word)
            except asyncpg.CheckViolationError as error:
                assert word in str(error)
                raise ValueError("broken") from error
        except ValueError:
            structlog.get_logger("test").exception("failed")
        finally:
            await connection.close()
        told = capsys.readouterr().out
        assert "CheckViolationError" in told
        assert word not in told

    def test_an_error_keeps_its_trace_on_one_json_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=True)
        try:
            raise ValueError("broken")
        except ValueError:
            structlog.get_logger("test").exception("failed")
        assert "ValueError: broken" in json.loads(capsys.readouterr().out)["exception"]

    def test_people_read_the_sentence_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=False)
        structlog.get_logger("test").info("postgres_starting", message="Starting PostgreSQL …", pid=4)
        assert capsys.readouterr().out == "Starting PostgreSQL …\n"

    def test_people_read_other_events_with_their_keys(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=False)
        structlog.get_logger("test").warning("process_died", process="postgres", pid=4)
        assert capsys.readouterr().out.rstrip().endswith("warning process_died process=postgres pid=4")

    def test_what_is_below_the_level_is_left_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=False, level="warning")
        structlog.get_logger("test").info("chatter")
        assert capsys.readouterr().out == ""

    def test_values_make_no_lines_and_command_no_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(json_lines=False)
        structlog.get_logger("test").warning("sync_failed", workflow_id="a\n12:00:00 info ready\x1b[2J\u202e")
        printed = capsys.readouterr().out
        assert printed.endswith("sync_failed workflow_id=a\\n12:00:00 info ready\\x1b[2J\\u202e\n")
        assert printed.count("\n") == 1
