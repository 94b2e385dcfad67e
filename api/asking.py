"""Interfaces (HTTP, command line): their parameters, folded into one coverage question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, iscoroutinefunction, signature
from types import MappingProxyType
from typing import Any, Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Door:
    """An interface, HTTP or the command line, that declares each member of a question once.

    Attributes
    ----------
    members : mapping of str to (annotation, default)
        Member of :class:`api.parameters.CoverageQuestion` -> its annotation and default here.
    make : callable
        Makes the question from the values of the members.
    """

    members: Mapping[str, tuple[Any, Any]]
    make: Callable[..., object]

    def asks(
        self, *names: str, after: Mapping[str, str] = _NOTHING
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Replace the parameter `question` in a function's signature by these members.

        Parameters
        ----------
        *names : str
        after : mapping of str to str, optional
            Member -> parameter of the function that it stands behind, instead.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            def folded(given: dict[str, Any]) -> dict[str, Any]:
                taken = {name: given.pop(name) for name in names}
                return {**given, "question": self.make(**taken)}

            @wraps(function)
            def run(**given: Any) -> Any:  # noqa: ANN401 - what the function takes and returns
                return function(**folded(given))

            @wraps(function)
            async def run_async(**given: Any) -> Any:  # noqa: ANN401 - the same
                return await function(**folded(given))

            original = signature(function)
            parameters = []
            for parameter in original.parameters.values():
                parameters += [] if parameter.name == "question" else [parameter]
                place = parameter.name if parameter.name != "question" else None
                parameters += [self._parameter(name) for name in names if after.get(name) == place]
            asking = run_async if iscoroutinefunction(function) else run
            asking.__dict__["__signature__"] = original.replace(parameters=parameters)
            asking.__annotations__ = {each.name: each.annotation for each in parameters}
            return asking

        return decorate

    def _parameter(self, name: str) -> Parameter:
        annotation, default = self.members[name]
        return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
