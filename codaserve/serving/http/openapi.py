"""The page that says what a server's HTTP port takes, for people and in OpenAPI."""

import html
import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import codaserve
from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, answer_json
from codaserve.serving.http.route import Nothing, Route

_REFERENCE = "#/components/schemas/{model}"
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "pre{background:#f4f4f4;padding:1em;overflow:auto}"
)


def openapi(title: str, routes: Sequence[Route[Any]]) -> dict[str, Any]:
    """The description of a server's routes, OpenAPI 3.1.

    Args:
        title: The server.
        routes: Its routes.
    """
    models = {route.body for route in routes} | {route.reply for route in routes if route.reply is not None}
    ordered = sorted(models - {Nothing}, key=lambda model: model.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in ordered], ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for route in routes:
        operation: dict[str, Any] = {
            "tags": [route.dialect],
            "summary": route.summary,
            "responses": {
                "200": _content("The answer.", route.reply),
                "default": {"description": "A problem, as the dialect tells it."},
            },
        }
        if route.body is not Nothing:
            operation["requestBody"] = {"required": True, "content": {"application/json": _schema(route.body)}}
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": codaserve.__version__},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"bearer": []}],
    }


def page(title: str, routes: Sequence[Route[Any]]) -> str:
    """The same as one page of HTML that needs nothing from elsewhere."""
    described = openapi(title, routes)
    parts = [f"<!DOCTYPE html><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"]
    parts.append(f"<h1>{html.escape(title)}</h1><p>OpenAPI: <a href=/openapi.json>/openapi.json</a></p>")
    for route in routes:
        parts.append(f"<h2><code>{route.method} {route.path}</code></h2>")
        parts.append(f"<p>{html.escape(route.dialect)}: {html.escape(route.summary)}</p>")
        for heading, model in (("Request", route.body), ("Answer", route.reply)):
            if model is not None and model is not Nothing:
                schema = json.dumps(described["components"]["schemas"][model.__name__], indent=2)
                parts.append(f"<h3>{heading}</h3><pre>{html.escape(schema)}</pre>")
    return "\n".join(parts)


def described(title: str, routes: Sequence[Route[Any]]) -> list[Route[Any]]:
    """The routes, and those that describe them."""
    document = answer_json(openapi(title, routes))
    shown = Answer(200, page(title, routes).encode(), "text/html; charset=utf-8")

    async def give_document(client: Client, body: Nothing) -> Answer:
        return document

    async def give_page(client: Client, body: Nothing) -> Answer:
        return shown

    return [
        *routes,
        Route("GET", "/openapi.json", "codaserve", "This description", Nothing, None, give_document),
        Route("GET", "/", "codaserve", "This description as a page", Nothing, None, give_page),
    ]


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}


def _content(description: str, model: type[BaseModel] | None) -> dict[str, Any]:
    content = {} if model is None else {"content": {"application/json": _schema(model)}}
    return {"description": description, **content}
