"""Responses in the API document: media type, an example, and the problems."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.documentation import told_document
from api.formats.problems import MEDIA_TYPE
from api.http.callers.client_rates import UNCOUNTED
from api.http.callers.role_rules import RULES, RoleRule
from api.http.schemas import Problem
from api.identity.credentials import COOKIE
from geo.messages import language
from geo.model.standard import Standard

Responses = dict[int | str, dict[str, Any]]
_FASTAPI_422: Final = {
    "application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}
}
_RETRY_AFTER: Final = {
    "description": "When to try again, seconds.",
    "schema": {"type": "integer", "minimum": 1},
}
_WORDS: Final = {
    304: "Not modified: the ETag in If-None-Match is current.",
    400: "The request is wrong.",
    401: "Nobody is signed in, or the API key opens nothing.",
    403: "The service takes no changes (LIFECIRCLE_EDITABLE), or the role does not reach.",
    404: "Not found.",
    408: "The body came too slowly.",
    409: "The request contradicts what is stored, or what an earlier edit made of it.",
    412: "Changed since you read it; the answer says what is there now and who changed it.",
    413: "The request is too large.",
    421: "The request names a host that is not the service's.",
    422: "There is nothing to compute on, or what is to be stored cannot be.",
    428: "The request does not say which version it changes.",
    429: "There is too much at a time: requests of this client, waiting jobs, or uploads.",
    503: "The database does not answer, or too much is being computed; `Retry-After` says when.",
    507: "There is no room left to store it.",
}


_SECURITY_SCHEMES: Final = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`lifecircle key add`), or an access token of the issuer.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Of the page, after `/sign-in`; `__Host-lifecircle` over https.",
    },
}


def responses(
    example: Any,  # noqa: ANN401 - JSON or text
    *statuses: int,
    media_type: str = "application/json",
    description: str = "The answer.",
    csv: str | None = None,
    status: int = 200,
) -> Responses:
    """Return the `responses` of a route: the answer with its example, and the problems it knows.

    Parameters
    ----------
    example : JSON value, str or model
        A model is shown by its ``EXAMPLE``.
    *statuses : int
        Of the problems (:func:`problems`).
    media_type, description : str
    csv : str, optional
        Example of the answer's CSV twin.
    status : int
        Of the answer.
    """
    shown = vars(example)["EXAMPLE"] if isinstance(example, type) else example
    content: dict[str, Any] = {media_type: {"example": shown}}
    if csv is not None:
        content["text/csv"] = {"schema": {"type": "string"}, "example": csv}
    return {status: {"description": description, "content": content}, **problems(*statuses)}


def problems(*statuses: int) -> Responses:
    """Return the `responses` of a route that are problems; 304 is among them and has no body."""
    result = _problems(statuses)
    for response in result.values():
        if "content" in response:
            response["model"] = Problem
    return result


def _problems(statuses: Sequence[int]) -> Responses:
    """Return what stands for each status; 304 has no body."""
    result: Responses = {}
    for status in statuses:
        result[status] = {"description": _WORDS[status]}
        if status >= 400:  # noqa: PLR2004 - HTTP
            schema = {"$ref": "#/components/schemas/Problem"}
            body = {"example": {**Problem.EXAMPLE, "status": status}, "schema": schema}
            result[status]["content"] = {MEDIA_TYPE: body}
        if status in (429, 503):
            result[status]["headers"] = {"Retry-After": _RETRY_AFTER}
    return result


_documents: Final[dict[str, dict[str, dict[str, Any]]]] = {}
"""By the words of a standard and by language (empty: as FastAPI makes it); routes are always the
same, so that a second application of a process need not make it again."""


def install_document(
    app: FastAPI, *, bodies: Sequence[type[BaseModel]], standard: Standard
) -> None:
    """Correct the API document of `app`: problem bodies, and only statuses that it answers with.

    It is told in the language of who reads it.

    Parameters
    ----------
    app : FastAPI
    bodies : sequence of model
        Of request bodies that routes read themselves, so that FastAPI does not know them.
    standard : Standard
        Whose profiles and categories parameters may name.
    """
    generate = app.openapi
    words = {
        "profile": [profile.id for profile in standard.profiles],
        "category": [category.id for category in standard.categories],
    }
    of_points = {**words, "category": [group.id for group in standard.groups]}

    documents = _documents.setdefault(str((words, of_points)), {})

    def openapi() -> dict[str, Any]:
        if language() not in documents:
            if not documents:
                documents[""] = english()
            documents[language()] = told_document(documents[""])
        return documents[language()]

    def english() -> dict[str, Any]:
        document = generate()
        for path, item in document["paths"].items():
            for method, operation in item.items():
                _correct(method, operation)
                shown = path.endswith("/service-points")  # what counts in no category as well
                _correct_parameters(operation, of_points if shown else words)
                _add_limits(operation, counted=path not in UNCOUNTED)
                _add_role(operation, RULES.get((method.upper(), path)))
        document["components"]["securitySchemes"] = _SECURITY_SCHEMES
        schemas = document["components"]["schemas"]
        body = models_json_schema(
            [(model, "validation") for model in bodies],
            ref_template="#/components/schemas/{model}",
        )[1]
        schemas.update(body["$defs"])
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    app.state.declared_parameters = _declared(app)


def _add_role(operation: dict[str, Any], rule: RoleRule | None) -> None:
    """Say which role an operation needs, and how the unknown and the others are refused."""
    if rule is None or rule.role is None:
        operation["security"] = []
        return
    operation["security"] = [{name: []} for name in _SECURITY_SCHEMES]
    operation["x-role"] = str(rule.role)
    for status, response in _problems([401, 403]).items():
        operation["responses"].setdefault(str(status), response)
    challenge = {"description": "How to identify the caller.", "schema": {"type": "string"}}
    operation["responses"]["401"]["headers"] = {"WWW-Authenticate": challenge}


def _correct(method: str, operation: dict[str, Any]) -> None:
    """Name what every operation may answer; move the schema of a problem to its media type.

    FastAPI's own 422 is dropped: what it stands for is answered with 400.
    """
    responses = operation["responses"]
    everywhere = [421, 503, 304 if method == "get" else 507]
    for status, response in _problems(everywhere).items():
        responses.setdefault(str(status), response)
    for status, response in list(responses.items()):
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {MEDIA_TYPE: {**content[MEDIA_TYPE], "schema": schema}}
        elif content == _FASTAPI_422:
            del responses[status]
        elif "application/geo+json" in content and "application/json" in content:
            content["application/geo+json"] |= content.pop("application/json")


def _correct_parameters(operation: dict[str, Any], words: Mapping[str, list[str]]) -> None:
    """Say what parameters take: no null, which no address can hold, and the words of the standard.

    A change without If-Match is refused with 428, so that it is required where nothing is made.
    """
    parameters = operation.get("parameters", [])
    names = {parameter["name"].lower() for parameter in parameters}
    for parameter in parameters:
        schema = parameter["schema"]
        some = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
        if len(some) == 1:
            del schema["anyOf"]
            schema |= some[0]
        if parameter["in"] == "query" and parameter["name"] in words:
            schema["enum"] = words[parameter["name"]]
        if parameter["name"].lower() == "if-match" and "if-none-match" not in names:
            parameter["required"] = True


def _add_limits(operation: dict[str, Any], *, counted: bool) -> None:
    """Document what any request may be told: too many, or a body that is too large."""
    for status, response in _problems(
        [429] * counted + [408, 413] * ("requestBody" in operation)
    ).items():
        operation["responses"].setdefault(str(status), response)


def _declared(app: FastAPI) -> Callable[[str, str], tuple[str, ...]]:
    """Return a function from a route's path and method to the query parameters it declares."""
    known: dict[tuple[str, str], tuple[str, ...]] = {}

    def declared(path: str, method: str) -> tuple[str, ...]:
        if not known:
            known.update(_query_names(app.openapi()))
        return known.get((path, method), ())

    return declared


def _query_names(document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (path, method): tuple(
            parameter["name"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
