"""Packages that only some functions need."""

from __future__ import annotations

import importlib
from typing import Any


def optional(module: str, package: str | None = None) -> Any:
    """
    Imports a module of an optional package.

    :param module: name of the module
    :param package: name of the package, if the module has another one
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = package or module.partition(".")[0]
        raise ImportError(f"this needs {package}: run `pip install softac[extra]` or `pip install {package}`") from error
