"""The demo's drawn workflows: files as anybody's, without a problem, which together show everything."""

from importlib.resources import files

from watchglass.builder.catalogue import BUILT_IN
from watchglass.builder.file import read_file, write_file
from watchglass.builder.fits import misfits
from watchglass.builder.rules.children import Callee, calls_of
from watchglass.builder.validate import validate
from watchglass.demo.components import announced
from watchglass.demo.drawn import drawings
from watchglass.demo.drawn_runs import drawn_runs
from watchglass.model.graph import ActivityNode, ApprovalNode, EndNode, Graph, JoinNode, NodeKind
from watchglass.model.problem import Severity

GRAPHS = {graph.name: graph for graph in drawings()}


def kinds(graph: Graph) -> set[NodeKind]:
    return {node.kind for node in graph.nodes}


def test_they_can_run_and_only_one_is_warned_of() -> None:
    callees: list[Callee] = []
    warned = []
    for graph in drawings():
        problems = list(validate(graph, [*BUILT_IN, *announced()], callees))
        assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
        warned += [(graph.name, problem.node) for problem in problems]
        callees.append(Callee(graph.name, 1, calls_of(graph), graph.input_schema))
    assert warned == [("Stock of a marketplace", "push")]


def test_one_has_every_kind_of_node_in_each_way() -> None:
    order = GRAPHS["Wholesale order"]
    assert kinds(order) == {*NodeKind}
    assert {node.mode for node in order.nodes if isinstance(node, JoinNode)} == {"all", "any"}
    assert {node.outcome for node in order.nodes if isinstance(node, EndNode)} == {"completed", "failed"}


def test_there_is_one_for_each_retry_strategy() -> None:
    chosen = {
        name: {node.retry.strategy for node in graph.nodes if isinstance(node, ActivityNode) and node.retry}
        for name, graph in GRAPHS.items()
    }
    assert chosen["Stock of a marketplace"] == {"keep_trying"}
    assert chosen["Print a label"] == {"fail_after"}
    assert chosen["Collect a payment"] == {"exponential_backoff"}
    assert chosen["Newsletter"] == {"no_retries"}


def test_every_file_is_as_it_would_be_exported() -> None:
    folder = files("watchglass.demo") / "built"
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")]
    assert len(texts) == len(GRAPHS)
    for text in texts:
        graph = read_file(text).graph
        assert graph is not None
        assert write_file(graph) == text


def test_every_run_fits_what_it_runs() -> None:
    runs = drawn_runs()
    assert {run.workflow for run in runs} == {*GRAPHS}
    assert len({run.id for run in runs}) == len(runs)
    for run in runs:
        graph = GRAPHS[run.workflow]
        assert misfits(run.input, graph.input_schema, what="The input") == []
        if run.decision is not None:
            (approval,) = [node for node in graph.nodes if isinstance(node, ApprovalNode)]
            assert run.decision.node == approval.id
            assert not run.decision.approved or misfits(run.decision.values, approval.form, what="The form") == []
