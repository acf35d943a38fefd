"""Every migration is judged by squawk: what it finds is corrected, or stands below with the reason why it may stay.

./dev pytest tests/store/test_squawk.py
"""

import json
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from watchglass.store.migrations import run_sql
from watchglass.store.roles import Roles

VERSIONS = Path(run_sql.__file__).parent / "versions"

EVERYWHERE = {
    "require-lock-timeout": "`migrate` sets lock_timeout for every revision, and tries again",
    "require-statement-timeout": "`migrate` sets statement_timeout for every revision",
}

_FRESH = "runs before anything is stored: no installation was ever given a version with this revision alone"
_COUNTS = "counts what PostgreSQL bounds far below two thousand million: attempts, places in a list, seconds"
_SMALL = "of a table with a row for each thing that a person made, not for each run"

JUSTIFIED: dict[str, dict[str, str]] = {
    "0001_execution_monitoring_tables": {
        "ban-drop-column": "of a table that the same revision makes",
        "prefer-bigint-over-int": _COUNTS,
    },
    "0004_chains_and_builds": {"require-concurrent-index-creation": _FRESH},
    "0005_backfills": {"require-concurrent-index-creation": _FRESH, "require-concurrent-index-deletion": _FRESH},
    "0007_trouble": {"require-concurrent-index-creation": _FRESH},
    "0008_undecoded_runs": {"prefer-bigint-over-int": _COUNTS},
    "0016_builder": {
        "adding-foreign-key-constraint": _SMALL,
        "constraint-missing-not-valid": _SMALL,
        "prefer-bigint-over-int": _COUNTS,
    },
    "0017_drawings_as_written": {"changing-column-type": _SMALL, "require-concurrent-index-creation": _SMALL},
    "0019_runs_on_their_drawing": {
        "ban-drop-constraint": "takes the place of a narrower one in the same statement",
        "prefer-bigint-over-int": _COUNTS,
    },
    "0020_index_of_outdated_runs": {
        "prefer-robust-stmts": "validating a constraint that is valid already does nothing",
    },
    "0022_quiet_runs": {"ban-drop-column": _FRESH},
    "0023_names_of_versions": {"changing-column-type": _SMALL, "require-concurrent-index-creation": _SMALL},
    "0024_accounts": {
        "adding-foreign-key-constraint": _SMALL,
        "ban-drop-function": "made again in the same revision, with more columns behind those that it had",
        "require-concurrent-index-creation": _SMALL,
    },
    "0033_rollups": {
        "prefer-bigint-over-int": "numbers of words that there are at most a thousand of",
        "prefer-bigint-over-smallint": "one of four grains, and codes of bins, below 5,120",
    },
    "0025_failovers": {"prefer-bigint-over-int": _COUNTS},
    "0026_names_and_keys_of_ones_own": {
        "ban-drop-constraint": "takes nothing away from code: one is wider than before, one is replaced by a narrower",
    },
    "0026b_keys_are_looked_at": {
        "prefer-robust-stmts": "validating a constraint that is valid already does nothing",
    },
    "0039_retention": {"prefer-bigint-over-int": "days, of which there are at most 36,500"},
    "0042_words_of_rollups": {
        "ban-drop-constraint": "a unique index of the same columns in another order took its place in 0041",
    },
    "0043_zeros_of_rollups": {
        "ban-drop-not-null": "only the roll-ups' own code reads these columns, and of releases only this one has them",
    },
    "0028_members": {"constraint-missing-not-valid": _SMALL, "require-concurrent-index-creation": _SMALL},
}
"""By file and rule."""


def findings(script: str, *, in_transaction: bool, folder: Path) -> set[str]:
    """The rules that squawk finds broken."""
    file = folder / "migration.sql"
    file.write_text(script)
    done = subprocess.run(
        [
            str(Path(sysconfig.get_path("scripts"), "squawk")),
            "--reporter=json",
            "--pg-version=18",
            "--assume-in-transaction" if in_transaction else "--no-assume-in-transaction",
            str(file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {finding["rule_name"] for finding in json.loads(done.stdout)}


def judge(revision: Path, folder: Path) -> set[str]:
    in_transaction = "run_slowly" not in revision.with_suffix(".py").read_text()
    return findings(
        run_sql.with_roles(revision.read_text("utf-8"), Roles()), in_transaction=in_transaction, folder=folder
    )


@pytest.mark.parametrize("revision", sorted(VERSIONS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_revision_holds_up_nobody(revision: Path, tmp_path: Path) -> None:
    found = judge(revision, tmp_path) - EVERYWHERE.keys()
    justified = JUSTIFIED.get(revision.stem, {}).keys()
    assert found - justified == set(), "correct these, or say above why they may stay"
    assert justified - found == set(), "these are found no more; take them out"


def test_what_locks_a_large_table_is_found(tmp_path: Path) -> None:
    script = "CREATE INDEX slow ON workflow_executions (status);\nALTER TABLE workflow_executions DROP COLUMN status;\n"
    assert findings(script, in_transaction=True, folder=tmp_path) >= {
        "require-concurrent-index-creation",
        "ban-drop-column",
    }


_REPEATED = re.compile(
    "DROP INDEX CONCURRENTLY IF EXISTS|CREATE (UNIQUE )?INDEX CONCURRENTLY|ALTER TABLE [^;]*VALIDATE CONSTRAINT"
)


def test_every_statement_of_a_slow_revision_can_be_repeated() -> None:
    slow = [path for path in VERSIONS.glob("*.sql") if "run_slowly" in path.with_suffix(".py").read_text()]
    assert slow
    for path in slow:
        for statement in run_sql.statements(path.read_text("utf-8")):
            assert _REPEATED.match(statement), f"{path.name}: {statement}"
