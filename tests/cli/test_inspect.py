"""`watchglass inspect` on real histories and on files that are none."""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import History
from tests.parse.corpus import CADENCE, TEMPORAL, Sample
from tests.parse.truth import micros

from watchglass.cli.main import run
from watchglass.parse.file import MAX_BYTES, read_history

WORDS = {"FIRED": "completed", "CANCELED": "cancelled", "START_FAILED": "failed"}
HEADS = {
    "activities": ("activity", "scheduled_event_id", "type"),
    "local_activities": ("local_activity", "marker_event_id", "type"),
    "children": ("child_workflow", "initiated_event_id", "type"),
    "timers": ("timer", "started_event_id", None),
    "nexus_operations": ("nexus_operation", "scheduled_event_id", None),
    "updates": ("update", "accepted_event_id", "name"),
    "signals_received": ("signal", "event_id", "name"),
    "signals_sent": ("external_signal", "initiated_event_id", "name"),
}


def printed(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert run(["inspect", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def status(truth: dict[str, Any], closed: bool) -> str:
    word: str = truth["status"]
    if word == "OPEN":
        return "abandoned" if closed else "running"
    return WORDS.get(word, word.lower())


def time(text: str | None) -> int | None:
    return None if text is None else micros(text if text.endswith("Z") else text.replace("+00:00", "Z"))


def test_the_size_of_a_history_does_not_depend_on_the_kind_of_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = read_history(TEMPORAL[0].read())
    binary = tmp_path / "history.bin"
    binary.write_bytes(History(events=events).SerializeToString())
    runs = [printed(path, capsys)["execution"] for path in (TEMPORAL[0].path, binary)]
    assert [run["historyBytes"] for run in runs] == [sum(event.ByteSize() for event in events)] * 2
    assert [run["syncStatus"] for run in runs] == ["pending"] * 2


@pytest.mark.parametrize("found", TEMPORAL[::7], ids=lambda found: found.name)
def test_json_tells_the_truth(found: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(found.path, capsys)
    run, truth = shown["execution"], found.truth["workflow"]
    closed = truth["status"] not in ("OPEN", None)
    assert run["workflowName"] == (truth["type"] or "")
    assert run["temporalWorkflowId"] == (truth["workflow_id"] or "")
    assert (time(run["startedAt"]), time(run["closedAt"])) == (
        time(truth["start_time"]),
        time(truth["close_time"]),
    )
    assert not closed or run["status"] == WORDS.get(truth["status"], truth["status"].lower())
    assert run["historyLength"] == found.truth["last_event_id"]
    for part, (kind, head, name) in HEADS.items():
        units = [unit for unit in shown["components"] if unit["kind"] == kind]
        assert [unit["eventId"] for unit in units] == [unit[head] for unit in found.truth[part]]
        for unit, told in zip(units, found.truth[part], strict=True):
            assert name is None or told[name] in (unit["componentName"], None)
            assert "status" not in told or unit["status"] == status(told, closed)
            if "attempts" in told:
                assert unit["attempt"] == told["attempts"]
            if told.get("closed_time"):
                assert time(unit["completedAt"]) == time(told["closed_time"])


def test_ids_that_need_a_database_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(TEMPORAL[0].path, capsys)
    assert (shown["execution"]["id"], shown["execution"]["workflowId"]) == (None, None)
    assert all(unit["id"] is None for unit in shown["components"])


@pytest.mark.parametrize("found", TEMPORAL[::40], ids=lambda found: found.name)
def test_table_names_the_workflow(found: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(found.path)]) == 0
    assert (found.truth["workflow"]["type"] or "") in capsys.readouterr().out.replace("\n", "")


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["inspect", str(path), "--json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err


class TestRefusals:
    def test_cadence(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "Cadence" in refused(CADENCE[0].path, capsys)

    def test_missing_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "No such file" in refused(tmp_path / "none.json", capsys)

    def test_directory(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "directory" in refused(tmp_path, capsys)

    def test_sixty_megabytes_are_not_even_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "huge.json"
        with path.open("wb") as file:
            file.truncate(60 * 2**20)
        assert f"beyond {MAX_BYTES // 2**20} MiB" in refused(path, capsys)

    def test_truncated(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "half.json"
        path.write_bytes(TEMPORAL[0].read()[:1000])
        assert "cut off" in refused(path, capsys)
