"""Interfaces (HTTP, command line): their parameters, folded into one coverage question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any


@dataclass(frozen=True, slots=True)
class Interface:
    """HTTP or the command line, which declares each member of a question once.

    Attributes
    ----------
    members : mapping of str to (annotation, default)
        Member -> its annotation and default here.
    make : callable
        Makes the question from the values of the members.
    parameter : str
        Name under which a function takes the question.
    """

    members: Mapping[str, tuple[Any, Any]]
    make: Callable[..., object]
    parameter: str = "question"

    def asks(
        self, *names: str, last: Sequence[str] = ()
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Replace the question in a function's signature by some of its members.

        Parameters
        ----------
        *names : str
            Members that stand where the question does.
        last : sequence of str, optional
            Members that stand behind all other parameters.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            def folded(given: dict[str, Any]) -> dict[str, Any]:
                values = {name: given.pop(name) for name in (*names, *last)}
                return {**given, self.parameter: self.make(**values)}

            @wraps(function)
            def run(**given: Any) -> Any:  # noqa: ANN401 - what the function takes and returns
                return function(**folded(given))

            @wraps(function)
            async def run_async(**given: Any) -> Any:  # noqa: ANN401 - the same
                return await function(**folded(given))

            original = signature(function)
            parameters: list[Parameter] = []
            for parameter in original.parameters.values():
                if parameter.name == self.parameter:
                    parameters += [self._member(name) for name in names]
                else:
                    parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))
            parameters += [self._member(name) for name in last]
            asking = run_async if iscoroutinefunction(function) else run
            asking.__dict__["__signature__"] = original.replace(parameters=parameters)
            asking.__annotations__ = {each.name: each.annotation for each in parameters}
            return asking

        return decorate

    def _member(self, name: str) -> Parameter:
        annotation, default = self.members[name]
        return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
