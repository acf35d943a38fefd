"""What is wrong with a graph, or with one expression in it: a sentence, and where it belongs."""

from enum import StrEnum

from watchglass.model.drawn import Drawn


class Severity(StrEnum):
    ERROR = "error"
    """No version can be saved, and no run started, while it is there."""
    WARNING = "warning"


class Problem(Drawn):
    severity: Severity = Severity.ERROR
    message: str
    node: str | None = None
    """The id of the node that it is about; None: about an edge, or about the whole."""
    field: str | None = None
    """JSON pointer to the value in the node (without a node: in the graph), such as `/input/amount`."""
    edge: int | None = None
    """The edge's place in the graph's list, from 0."""
    at: tuple[int, int] | None = None
    """From and to: characters (code points) of the expression in the field, counted without its leading `=`."""
