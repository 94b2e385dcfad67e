"""Heavy answers take turns, so that light ones never wait for them.

A route that `HEAVY` names computes on a whole district. A few of those run at a time, some more
wait in line, and beyond that the service says that it is busy. Everything else (files, single
features, logs, jobs, what a route's dependencies answer from a cache) runs beside them.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any, Final

import anyio
from anyio import CapacityLimiter
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match
from starlette.types import Scope

from api.errors import BusyError, ClientGoneError
from api.http.bodies import JsonBodyRoute
from api.http.plan_paths import is_of_plan, names_plan

_DISTRICT: Final = "/districts/{code}"
HEAVY: Final = frozenset(
    _DISTRICT + path
    for path in (
        "/access",
        "/assignments",
        "/barriers",
        "/beats",
        "/buildings",
        "/coverage",
        "/dependents",
        "/equity",
        "/examination",
        "/explain",
        "/gaps",
        "/gates",
        "/grids",
        "/grids/check",
        "/grids/completeness",
        "/grids/edits",
        "/grids/repair",
        "/isochrones",
        "/lifts",
        "/lineage",
        "/link",
        "/map.html",
        "/nearest",
        "/network",
        "/organisations",
        "/scenarios",
        "/service-points",
        "/sheets.html",
        "/sheets.pdf",
        "/walk",
        "/walk-edges",
        "/week",
    )
)
"""Paths of routes that compute on a whole district."""

_REQUEST: Final = "turn_of"
"""Parameter by which an endpoint that does not ask for its request gets it."""


class Computations:
    """The turns of heavy answers.

    Parameters
    ----------
    at_a_time : int
    waiting : int
        Those that may wait for their turn.
    """

    def __init__(self, at_a_time: int, waiting: int) -> None:
        self._turns = CapacityLimiter(at_a_time)
        self._most_waiting = waiting

    @property
    def running(self) -> int:
        """Number of computations that run."""
        return self._turns.borrowed_tokens

    @property
    def waiting(self) -> int:
        """Number of computations that wait for their turn."""
        return self._turns.statistics().tasks_waiting

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        Raises
        ------
        BusyError
            If too many wait.
        ClientGoneError
            If the client leaves while it waits.
        """
        holder = object()
        try:
            self._turns.acquire_on_behalf_of_nowait(holder)
        except anyio.WouldBlock:
            await self._wait(holder, request)
        try:
            yield
        finally:
            self._turns.release_on_behalf_of(holder)

    async def _wait(self, holder: object, request: Request) -> None:
        if self.waiting >= self._most_waiting:
            raise BusyError("http.busy", running=self.running, waiting=self.waiting)
        has_turn = False
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_gone, request, group.cancel_scope)
            await self._turns.acquire_on_behalf_of(holder)
            has_turn = True
            group.cancel_scope.cancel()
        if not has_turn:
            raise ClientGoneError("http.client_left")


async def _cancel_when_gone(request: Request, scope: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass  # rests of a body that nobody reads
    scope.cancel()


class TurnRoute(JsonBodyRoute):
    """A route that takes turns if `HEAVY` names it.

    Its dependencies come before: what they refuse or answer by themselves waits for nobody.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:  # noqa: ANN401
        super().__init__(path, _in_turn(endpoint) if path in HEAVY else endpoint, **given)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this route, and not for a grid of that code."""
        if is_of_plan(self.path) and not names_plan(scope):
            return Match.NONE, {}
        return super().matches(scope)


def capability_router(tag: str) -> APIRouter:
    """Return the router of a capability."""
    return APIRouter(tags=[tag], route_class=TurnRoute)


def _in_turn(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Return an endpoint that waits for its turn before it does what `endpoint` does."""
    declared = signature(endpoint)
    request = next((p.name for p in declared.parameters.values() if p.annotation is Request), None)

    @wraps(endpoint)
    async def in_turn(**values: Any) -> Any:  # noqa: ANN401 - what the endpoint takes and returns
        asking: Request = values[request] if request else values.pop(_REQUEST)
        async with asking.app.state.computations.turn(asking):
            if iscoroutinefunction(endpoint):
                return await endpoint(**values)
            return await run_in_threadpool(endpoint, **values)

    parameters = [*declared.parameters.values()]
    if request is None:
        parameters.append(Parameter(_REQUEST, Parameter.KEYWORD_ONLY, annotation=Request))
    in_turn.__dict__["__signature__"] = declared.replace(parameters=parameters)
    in_turn.__annotations__ = {each.name: each.annotation for each in parameters}
    return in_turn
