"""The corpus of real histories: files that other people's software wrote, each with a truth file."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

HISTORIES = Path(__file__).parent.parent / "fixtures" / "histories"


@dataclass(frozen=True)
class Sample:
    name: str
    path: Path
    truth: dict[str, Any]

    def read(self) -> bytes:
        return self.path.read_bytes()

    @property
    def is_cadence(self) -> bool:
        return bool(self.truth["dialect"] == "cadence")

    def describe(self) -> DescribeWorkflowExecutionResponse | None:
        """The answer of DescribeWorkflowExecution of the same moment, for histories recorded live."""
        path = self.path.with_name(self.path.name.removesuffix(".json") + ".describe.json")
        if not path.exists():
            return None
        source = json.loads(path.read_text())
        return ParseDict(source, DescribeWorkflowExecutionResponse(), ignore_unknown_fields=True)


def _sample(name: str) -> Sample:
    truth = HISTORIES / "truth" / f"{name.replace('/', '__')}.truth.json"
    return Sample(name, HISTORIES / "files" / name, json.loads(truth.read_text()))


def manifest() -> list[dict[str, str]]:
    with (HISTORIES / "manifest.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


SAMPLES = [_sample(row["file"]) for row in manifest()]
TEMPORAL = [sample for sample in SAMPLES if not sample.is_cadence]
CADENCE = [sample for sample in SAMPLES if sample.is_cadence]


def sample(name: str) -> Sample:
    """The sample whose file name contains the words; there must be one."""
    [found] = [candidate for candidate in SAMPLES if name in candidate.name]
    return found
