"""Find one-file plugins: each module of a package of ours that defines a given name.

Discovery is limited to our own packages: no third-party code runs in a process that holds mail.
An import error in a plugin stops start-up; it is never skipped.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def discover(package: ModuleType, attribute: str) -> list[Any]:
    """Return `attribute` of every module in `package`, in the order of module names.

    Raises AttributeError for a module that lacks it: a file in a plugin folder is a plugin.
    """
    modules = sorted(pkgutil.iter_modules(package.__path__), key=lambda entry: entry.name)
    return [
        getattr(importlib.import_module(f"{package.__name__}.{module.name}"), attribute) for module in modules
    ]
