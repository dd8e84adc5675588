"""Lets several commands have the same options: they are the fields of a dataclass."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, get_type_hints


def with_options(group: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that a dataclass has as fields, instead of its parameter `options`.

    The command gets one value of the dataclass.
    """
    names = [field.name for field in fields(group)]
    hints = get_type_hints(group, include_extras=True)
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(group)
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        parameters: list[inspect.Parameter] = []
        for parameter in own.parameters.values():
            parameters.extend(shared if parameter.name == "options" else [parameter])

        @wraps(command)
        def run(**given: Any) -> None:
            options = group(**{name: given.pop(name) for name in names})
            command(**given, options=options)

        # Typer reads both.
        run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate
