"""Any graph that can be written, whether it makes sense or not."""

from typing import Any

from hypothesis import strategies as st

from watchglass.model.graph import (
    ActivityNode,
    ApprovalNode,
    BranchNode,
    Case,
    Edge,
    EndNode,
    ForEachNode,
    Graph,
    JoinNode,
    Node,
    ParallelNode,
    Position,
    SetNode,
    StartNode,
    WaitNode,
    WorkflowNode,
)
from watchglass.model.retry_choice import ExponentialBackoff, FailAfter, KeepTrying, NoRetries, Timeouts

AWKWARD = st.sampled_from(
    [
        *("", " ", "yes", "no", "on", "~", "null", "true", "=", "==", "=input.a", "<<", "1e5", "0o17", "0x1F", "1_000"),
        *(
            "1:30",
            "2026-01-31",
            ".5",
            "-",
            "- a",
            "a: b",
            "#x",
            "*a",
            "&a",
            "!x",
            "|",
            ">",
            "%",
            "@",
            "`",
            "---",
            "...",
        ),
        *("a\nb", "a\n", "\na", " a\n b", "a\r\nb", "a\u2028b", "a\tb", "\ta", "a \nb", '"', "'", "\x00", "\x85"),
        *("...", "\ufeff", "ä€😀", "a" * 200),
    ]
)
TEXTS = AWKWARD | st.text(max_size=30)
IDS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
EXPRESSIONS = TEXTS.filter(bool)
SECONDS = st.floats(0.001, 1e8) | st.integers(1, 1000).map(float)
COEFFICIENTS = st.floats(1, 1000, exclude_min=True)
RETRIES = st.none() | st.one_of(
    st.builds(
        KeepTrying, initial_interval_seconds=SECONDS, backoff_coefficient=COEFFICIENTS, maximum_interval_seconds=SECONDS
    ),
    st.builds(FailAfter, maximum_attempts=st.integers(1, 9), initial_interval_seconds=SECONDS),
    st.builds(ExponentialBackoff, maximum_attempts=st.integers(0, 9), backoff_coefficient=COEFFICIENTS),
    st.builds(ExponentialBackoff),
    st.just(NoRetries()),
)
TIMEOUTS = st.builds(Timeouts, start_to_close_seconds=st.none() | SECONDS, heartbeat_seconds=st.none() | SECONDS)
COMMON: dict[str, Any] = {
    "id": IDS,
    "name": TEXTS.map(lambda text: text[:200]),
    "notes": TEXTS,
    "parent": st.none() | IDS,
    "position": st.none() | st.builds(Position, x=st.floats(-1e6, 1e6), y=st.integers(-1000, 1000)),
}
TRIES: dict[str, Any] = {"retry": RETRIES, "non_retryable_errors": st.lists(EXPRESSIONS, max_size=2).map(tuple)}
NODES: st.SearchStrategy[Node] = st.one_of(
    st.builds(StartNode, **COMMON),
    st.builds(
        ActivityNode,
        component=EXPRESSIONS,
        task_queue=st.none() | EXPRESSIONS,
        input=OBJECTS,
        timeouts=TIMEOUTS,
        **TRIES,
        **COMMON,
    ),
    st.builds(
        WorkflowNode,
        workflow=EXPRESSIONS,
        version=st.none() | st.integers(1, 5),
        input=JSON,
        timeout_seconds=st.none() | SECONDS,
        **TRIES,
        **COMMON,
    ),
    st.builds(
        BranchNode,
        cases=st.lists(st.builds(Case, port=IDS, when=EXPRESSIONS), min_size=1, max_size=3).map(tuple),
        **COMMON,
    ),
    st.builds(ParallelNode, **COMMON),
    st.builds(JoinNode, mode=st.sampled_from(["all", "any"]), **COMMON),
    st.builds(
        ForEachNode,
        items=EXPRESSIONS,
        concurrency=st.integers(1, 100),
        result=st.none() | EXPRESSIONS,
        on_error=st.sampled_from(["stop", "continue"]),
        **COMMON,
    ),
    st.builds(WaitNode, seconds=st.none() | SECONDS | EXPRESSIONS, until=st.none() | EXPRESSIONS, **COMMON),
    st.builds(ApprovalNode, question=JSON, form=OBJECTS, timeout_seconds=st.none() | SECONDS, **COMMON),
    st.builds(SetNode, values=OBJECTS, **COMMON),
    st.builds(
        EndNode, outcome=st.sampled_from(["completed", "failed"]), result=JSON, error_type=TEXTS, message=JSON, **COMMON
    ),
)
EDGES = st.builds(Edge, source=IDS, port=IDS | st.just("next"), target=IDS)
GRAPHS: st.SearchStrategy[Graph] = st.builds(
    Graph,
    name=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20) | st.just("no"),
    description=TEXTS,
    task_queue=st.none() | EXPRESSIONS,
    input_schema=OBJECTS,
    nodes=st.lists(NODES, max_size=5).map(tuple),
    edges=st.lists(EDGES, max_size=4).map(tuple),
)
