"""Rules do not change unnoticed: stored rows say by which version they were made."""

import json
from dataclasses import replace

from tests.store.rules import RECORDED, corpus, rules_digest

from watchglass.parse import PARSE_VERSION


def test_the_same_version_makes_the_same_rows() -> None:
    assert json.loads(RECORDED.read_text()) == {"version": PARSE_VERSION, "digest": rules_digest(corpus())}, (
        "The same histories give other rows than were recorded. If that is meant, raise PARSE_VERSION and run "
        "`./dev python -m tests.store.rules`, so that stored runs are derived again."
    )


def test_any_column_changes_the_digest() -> None:
    executions = corpus()[:5]
    changed = [replace(executions[0], build_id="another"), *executions[1:]]
    assert rules_digest(changed) != rules_digest(executions)
    unit = replace(executions[0].components[0], occurrence=77)
    changed = [replace(executions[0], components=(unit, *executions[0].components[1:])), *executions[1:]]
    assert rules_digest(changed) != rules_digest(executions)
