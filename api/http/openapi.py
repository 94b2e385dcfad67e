"""Responses in the API document: media type, an example, and the problems."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.formats.problems import MEDIA_TYPE
from api.http.schemas import Problem

Responses = dict[int | str, dict[str, Any]]
_FASTAPI_422: Final = {
    "application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}
}
_WORDS: Final = {
    304: "Not modified: the ETag in If-None-Match is current.",
    400: "The request is wrong.",
    403: "The service takes no changes (LIFECIRCLE_EDITABLE).",
    404: "There is no such thing.",
    409: "The request contradicts what is stored, or what an earlier edit made of it.",
    412: "It is not as it was seen; the answer says what is there now and who changed it.",
    413: "The request is too large.",
    422: "There is nothing to compute on, or what is to be stored cannot be.",
    428: "The request does not say what it changes.",
}


def responses(
    example: Any,  # noqa: ANN401 - JSON or text
    *problems: int,
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
    *problems : int
        Statuses; 304 has no body, the others are problem documents.
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
    result: Responses = {status: {"description": description, "content": content}}
    for fault in problems:
        result[fault] = {"description": _WORDS[fault]}
        if fault >= 400:  # noqa: PLR2004 - HTTP
            body = {"example": {**Problem.EXAMPLE, "status": fault}}
            result[fault] |= {"model": Problem, "content": {MEDIA_TYPE: body}}
    return result


def install_document(app: FastAPI, *, bodies: Sequence[type[BaseModel]]) -> None:
    """Correct the API document of `app`: problem bodies, and only statuses that it answers with.

    Parameters
    ----------
    app : FastAPI
    bodies : sequence of model
        Of request bodies that routes read themselves, so that FastAPI does not know them.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            for item in document["paths"].values():
                for operation in item.values():
                    _correct(operation)
            schemas = document["components"]["schemas"]
            body = models_json_schema(
                [(model, "validation") for model in bodies],
                ref_template="#/components/schemas/{model}",
            )[1]
            schemas.update(body["$defs"])
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    app.state.declared_parameters = _declared(app)


def _correct(operation: dict[str, Any]) -> None:
    """Move the schema of each problem to its media type; drop FastAPI's own 422."""
    responses = operation["responses"]
    for status, response in list(responses.items()):
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {MEDIA_TYPE: {**content[MEDIA_TYPE], "schema": schema}}
        elif content == _FASTAPI_422:
            del responses[status]
        elif "application/geo+json" in content and "application/json" in content:
            content["application/geo+json"] |= content.pop("application/json")


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
