"""What today's rules make of the corpus, as one digest: `./dev python -m tests.store.rules` records it anew."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.parse.corpus import TEMPORAL

from watchglass.model.execution import Execution
from watchglass.parse import PARSE_VERSION
from watchglass.parse.describe import parse_described
from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history
from watchglass.store.components import COLUMNS, component_row
from watchglass.store.node_journal import COLUMNS as JOURNAL
from watchglass.store.node_journal import journal_row
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.synced_runs import DERIVED, DerivedRun, derived_row

DRAWN = Path(__file__).parents[1] / "fixtures" / "drawn"
RECORDED = Path(__file__).parents[1] / "fixtures" / "rules.json"
_ID = UUID(int=0)


def rules_digest(executions: Sequence[Execution]) -> str:
    """A digest of the rows that would be stored; the order of the columns does not matter."""
    digest = sha256()
    for execution in executions:
        for row in _rows(execution):
            digest.update(repr([(name, _told(value)) for name, value in sorted(row.items())]).encode())
    return digest.hexdigest()


def _told(value: object) -> object:
    """Protobuf writes the entries of a map in an order that differs between processes."""
    return sorted(value) if isinstance(value, bytes) else value


def corpus() -> list[Execution]:
    """The corpus as today's rules read it, with Describe's answers where they were recorded, and runs of drawings."""
    answers = ((sample, sample.describe()) for sample in TEMPORAL)
    return [
        *(
            parse_history(read_history(sample.read()), described=parse_described(answer) if answer else None)
            for sample, answer in answers
        ),
        *(parse_history(read_history(path.read_bytes())) for path in sorted(DRAWN.glob("*.json"))),
    ]


def _rows(execution: Execution) -> Iterator[dict[str, Any]]:
    run = DerivedRun(ExecutionKey(_ID, _ID), _ID, execution, derived_version=0)
    yield dict(zip(DERIVED.names, derived_row(run), strict=True))
    for component in execution.components:
        yield dict(zip(COLUMNS.names, component_row(_ID, _ID, component), strict=True))
    for entry in execution.journal:
        yield dict(zip(JOURNAL.names, journal_row(_ID, _ID, entry), strict=True))


def main() -> None:
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {"version": 0}
    found = {"version": PARSE_VERSION, "digest": rules_digest(corpus())}
    if known != found and known["version"] >= PARSE_VERSION:
        raise SystemExit(f"The rows changed. Raise PARSE_VERSION above {known['version']} first.")
    RECORDED.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
