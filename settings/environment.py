"""Environment variables. One message names all that is wrong with them."""

from collections.abc import Callable
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """Reads variables. A setting whose variable cannot be read has its default until `refuse`."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def require(self, is_so: Any, name: str, problem: str) -> None:
        """Note a problem with a variable unless something is so."""
        if not is_so:
            self.problems.append(f"{name} {problem}")

    def refuse(self) -> None:
        """Raise ImproperlyConfigured if there is a problem, with all of them."""
        if self.problems:
            listed = "\n".join(f"- {problem}" for problem in dict.fromkeys(self.problems))
            raise ImproperlyConfigured(
                f"The site does not start. docs/configuration.md describes each variable.\n{listed}"
            )

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, *_: Any, **__: Any
    ) -> Any:
        text = self.ENVIRON.get(var)
        if text is None:
            self.require(default is not self.NOTSET, var, "is not set.")
            return self.parse_value("", cast) if default is self.NOTSET else default
        if cast is bool:
            self.require(text.lower() in BOOLEANS, var, f"is “{text}” instead of true or false.")
        try:
            return self.parse_value(text, cast)
        except ValueError:
            self.require(False, var, f"is “{text}”, which is no number.")
            return default

    def whole(self, var: str, *, default: int, least: int) -> int:
        """Return a whole number that is not below `least`."""
        number = self.int(var, default=default)
        self.require(number >= least, var, f"is {number}, which is below {least}.")
        return number

    def parsed(self, parse: Callable[[str], Any], var: str, default: str) -> Any:
        """Return what `parse` makes of the variable. Its problem does not quote a password."""
        try:
            return parse(self.str(var, default=default))
        except Exception:
            self.require(False, var, "cannot be read as an address.")
            return parse(default)

    def db(self, var: str, default: str) -> dict[str, Any]:
        found = self.parsed(self.db_url_config, var, default)
        if str(found["ENGINE"]).rpartition(".")[2] in {"sqlite3", "postgresql"}:
            return found
        self.require(False, var, "begins with neither sqlite:// nor postgres://.")
        return self.db_url_config(default)

    def cache(self, var: str, default: str) -> dict[str, Any]:
        return self.parsed(self.cache_url_config, var, default)

    def email(self, var: str, default: str) -> dict[str, Any]:
        return self.parsed(self.email_url_config, var, default)


BOOLEANS = {*environ.Env.BOOLEAN_TRUE_STRINGS, "false", "off", "n", "no", "0"}

env = Environment()
