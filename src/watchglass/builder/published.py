"""The JSON Schema of workflow files, for editors and other tools: `python -m watchglass.builder.published`."""

import json
from typing import Any

from watchglass.model.graph import Graph

ADDRESS = "https://json-schema.org/draft/2020-12/schema"


def graph_schema() -> dict[str, Any]:
    """The schema of a graph, as it is read."""
    schema = Graph.model_json_schema(by_alias=True, mode="validation")
    for definition in schema["$defs"].values():
        # What tells the kinds of nodes and the strategies of retries apart has a default, and is needed all the same.
        for tag in ("kind", "strategy"):
            if tag in definition.get("properties", {}):
                definition["required"] = [tag, *(name for name in definition.get("required", []) if name != tag)]
    return {
        "$schema": ADDRESS,
        "title": "A workflow of Watchglass",
        **{k: v for k, v in schema.items() if k != "title"},
    }


def main() -> None:
    print(json.dumps(graph_schema(), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
