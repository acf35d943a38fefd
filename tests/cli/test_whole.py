import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.servers import SOURCES


def test_nothing_is_lost_of_what_a_process_writes_that_is_stopped_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    started = {"workflowType": {"name": "export"}, "taskQueue": {"name": "exports"}, "attempt": 1}
    value = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "V" * 1_200_000}
    event = {
        "eventId": "1",
        "eventTime": "2026-11-23T17:25:11Z",
        "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
        "workflowExecutionStartedEventAttributes": {**started, "input": {"payloads": [value]}},
    }
    file.write_text(json.dumps({"events": [event]}))
    environment = {**os.environ, "PYTHONPATH": SOURCES, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "watchglass", "inspect", "--json", str(file)], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        begun = process.stdout.read(1)
        assert begun, "it wrote nothing"
        # It waits for its reader soon: a pipe takes 64 KiB.
        until = time.monotonic() + 30
        while time.monotonic() < until and not Path(f"/proc/{process.pid}/wchan").read_text().endswith("pipe_write"):
            time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        process.send_signal(signal.SIGCONT)
        said = json.loads(begun + process.stdout.read())
    assert process.returncode == 0
    assert len(json.dumps(said)) > 900_000
