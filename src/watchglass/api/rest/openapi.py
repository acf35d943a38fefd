"""The OpenAPI 3.1 document, made of the procedures' types.

    python -m watchglass.api.rest.openapi [--check] [FILE]

writes it to docs/openapi.json, where a test compares it.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from watchglass.api.limits import MAX_BATCH, MAX_BODY_BYTES
from watchglass.api.rest.parameters import flat_fields, parameters_of
from watchglass.api.rest.problem import MEDIA_TYPE
from watchglass.api.schemas import Schema, Schemas, schemas_of
from watchglass.api.trpc.errors import CODES
from watchglass.api.trpc.router import Procedure, Router
from watchglass.auth.credential import session_cookie
from watchglass.model.permission import Permission

DEFAULT_FILE = Path(__file__).parents[4] / "docs/openapi.json"
PATH = "/api/v1"
_MODELS = "#/components/schemas/{model}"
_PROBLEM = "ProblemDetails"
_DESCRIPTION = f"""\
Everything that Watchglass's page can do. Each operation is one procedure, named as in the tRPC API under `/trpc`.

Queries whose input fits into a URL are asked by GET; everything else by POST with the input as `application/json`.
Fields and parameters that an input does not have are refused. Times are ISO 8601 in UTC, durations are milliseconds,
rates are fractions from 0 to 1, ids are texts. Lists come in pages: send `nextCursor` of one as `cursor` of the next.
What you may not see does not exist: it is answered with 404. Errors are problems of RFC 9457; `code` is made for
programs, `detail` for people. Requests are limited to {MAX_BODY_BYTES // 2**20} MiB where an operation states no other
size; tRPC batches to {MAX_BATCH} calls.
"""
_SAID: Mapping[str, str] = {
    "BAD_REQUEST": "The input is not valid. `issues` has each mistake and where it is.",
    "UNAUTHORIZED": "Nobody is signed in, or the token or session is over.",
    "FORBIDDEN": "You may see it but not do this, the token's scope is too small, or another site asks.",
    "NOT_FOUND": "There is no such thing, or none that you may see.",
    "METHOD_NOT_SUPPORTED": "The path is asked by another method, which `Allow` names.",
    "TIMEOUT": "It took too long, or the request arrived too slowly.",
    "CONFLICT": "It cannot be done in the present state.",
    "PRECONDITION_FAILED": "Temporal or a codec server refuses; the sentence says what it said.",
    "PAYLOAD_TOO_LARGE": "The body is larger than the operation takes.",
    "URI_TOO_LONG": "The address is longer than 16 KiB.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is not `application/json`.",
    "MISDIRECTED_REQUEST": "Watchglass does not answer under this host name.",
    "TOO_MANY_REQUESTS": "You ask this too often. `Retry-After` says when to try again.",
    "INTERNAL_SERVER_ERROR": "A fault of Watchglass. Its log has more.",
    "SERVICE_UNAVAILABLE": "The database does not answer, or too much is asked at once. Try again after `Retry-After`.",
}
_OF_QUERIES = tuple(code for code in _SAID if code != "UNSUPPORTED_MEDIA_TYPE")
_OF_STRANGERS = ("UNAUTHORIZED",)
_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "UNAUTHORIZED": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "METHOD_NOT_SUPPORTED": {"Allow": {"schema": {"type": "string"}}},
    "TOO_MANY_REQUESTS": {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds."}},
    "SERVICE_UNAVAILABLE": {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds."}},
}
_PERMISSIONS: Mapping[Permission, str] = {
    Permission.PUBLIC: "Answered without knowing who asks.",
    Permission.SIGNED_IN: "For everybody who is signed in.",
    Permission.LOOK: "For every member of the project.",
    Permission.PAYLOADS: "For members who may see payloads.",
    Permission.EDIT: "For editors and owners of the project.",
    Permission.OWN: "For owners of the project.",
    Permission.ADMINISTER: "For administrators of the installation.",
}


def openapi(router: Router[Any]) -> dict[str, Any]:
    """The document, ready to be written as JSON.

    Raises ValueError when two models would get one name.
    """
    procedures = sorted(router, key=lambda procedure: procedure.name)
    schemas, document = schemas_of(procedures, generator=Schemas, ref_template=_MODELS)
    models: dict[str, Any] = dict(document.get("$defs", {}))
    if any("__" in name or name == _PROBLEM for name in models):
        raise ValueError("Two models, or a model and the problem, have one name.")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Watchglass", "version": "1", "description": _DESCRIPTION, "license": _LICENCE},
        "servers": [{"url": "/", "description": "The installation that this document came from."}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": noun} for noun in dict.fromkeys(_noun(procedure) for procedure in procedures)],
        "paths": {f"{PATH}/{procedure.name}": _path(procedure, schemas, models) for procedure in procedures},
        "components": {
            "schemas": models | {_PROBLEM: _problem_schema()},
            "responses": {code: _error(code) for code in _SAID},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`watchglass token create` makes one."},
                "session": {"type": "apiKey", "in": "cookie", "name": session_cookie(is_behind_tls=False)},
            },
        },
    }


_LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _noun(procedure: Procedure) -> str:
    return procedure.name.partition(".")[0]


def _path(procedure: Procedure, schemas: Mapping[Any, Schema], models: Mapping[str, Schema]) -> dict[str, Any]:
    is_by_url = parameters_of(procedure) is not None
    operation: dict[str, Any] = {
        "operationId": procedure.name,
        "tags": [_noun(procedure)],
        "summary": procedure.doc.split("\n\n")[0].replace("\n", " "),
        "description": _description(procedure),
    }
    if procedure.permission is Permission.PUBLIC:
        operation["security"] = []
    if is_by_url:
        operation["parameters"] = _parameters(procedure, schemas, models)
    elif procedure.input is not None:
        operation["requestBody"] = {
            "required": not procedure.is_input_optional,
            "content": {"application/json": {"schema": schemas[procedure.name, "input"]}},
        }
    answer = {"description": "The answer.", "content": _json(schemas[procedure.name, "output"])}
    operation["responses"] = {"200": answer} | _errors(procedure, is_by_url=is_by_url)
    return {"get" if is_by_url else "post": operation}


def _description(procedure: Procedure) -> str:
    size = procedure.body_limit // 2**20
    larger = f"\n\nTakes up to {size} MiB." if procedure.body_limit != MAX_BODY_BYTES else ""
    return f"{procedure.doc}\n\n{_PERMISSIONS[procedure.permission]}{larger}".strip()


def _parameters(
    procedure: Procedure, schemas: Mapping[Any, Schema], models: Mapping[str, Schema]
) -> list[dict[str, Any]]:
    if procedure.input is None:
        return []
    schema = schemas[procedure.name, "input"]
    while "$ref" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", ())
    fields = flat_fields(schema, models)
    return [_parameter(name, field, is_required=name in required) for name, field in fields.items()]


def _parameter(name: str, field: Schema, *, is_required: bool) -> dict[str, Any]:
    schema = {key: value for key, value in field.items() if key not in ("description", "title")}
    parameter = {"name": name, "in": "query", "required": is_required, "schema": _without_null(schema)}
    return parameter | ({"description": field["description"]} if "description" in field else {})


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A URL has no null: what is absent is left out."""
    if schema.get("default", "") is None:
        del schema["default"]
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) != 1:
        return schema
    return {key: value for key, value in schema.items() if key != "anyOf"} | dict(choices[0])


def _errors(procedure: Procedure, *, is_by_url: bool) -> dict[str, Any]:
    codes = [
        code
        for code in (_OF_QUERIES if is_by_url else _SAID)
        if procedure.permission is not Permission.PUBLIC or code not in _OF_STRANGERS
    ]
    found = {str(CODES[code][1]): {"$ref": f"#/components/responses/{code}"} for code in codes}
    return dict(sorted(found.items()))


def _error(code: str) -> dict[str, Any]:
    answer = {
        "description": _SAID[code],
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{_PROBLEM}"}}},
    }
    return answer | ({"headers": _HEADERS[code]} if code in _HEADERS else {})


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    place = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    issue = {
        "type": "object",
        "required": ["path", "message", "type"],
        "properties": {"path": {"type": "array", "items": place}, "message": text, "type": text},
    }
    return {
        "type": "object",
        "description": "What went wrong: RFC 9457.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "const": "about:blank"},
            "title": {"type": "string", "examples": [HTTPStatus.NOT_FOUND.phrase]},
            "status": {"type": "integer", "enum": sorted({CODES[code][1] for code in _SAID})},
            "detail": {"type": "string", "description": "A sentence for people."},
            "code": {"type": "string", "enum": list(_SAID)},
            "issues": {"type": "array", "items": issue, "description": "Each mistake in the input, at most 20."},
            "allowed": {"type": "array", "items": text, "description": "The methods that the path is asked by."},
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the document, or with `--check` say whether it is up to date (exit code 1 when it is not)."""
    from watchglass.api.procedures import router  # noqa: PLC0415 (the wire knows no procedure)

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)
    options = parser.parse_args(arguments)
    text = json.dumps(openapi(router), indent=1, ensure_ascii=False) + "\n"
    if options.check:
        if options.file.exists() and options.file.read_text() == text:
            return 0
        sys.stderr.write(f"{options.file} is out of date; run `python -m watchglass.api.rest.openapi`.\n")
        return 1
    options.file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
