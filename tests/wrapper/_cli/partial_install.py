"""Run command lines in a process that sees only some of the installed packages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from typing import NamedTuple

# Replaces the finder of installed packages by one that doesn't find the hidden ones. The calls run
# one after another in the same process: a package that is hidden for one is hidden for all.
PROGRAM = """
import contextlib, io, json, runpy, sys, traceback
from importlib.machinery import PathFinder

hidden, calls = json.load(sys.stdin)
hidden = set(hidden)

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in hidden else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
for name in hidden & set(sys.modules):  # such as what a .pth file of site-packages imports
    del sys.modules[name]

def run(module, arguments):
    sys.argv = [module, *arguments]
    sys.stdin = io.StringIO()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        return stop.code
    except BaseException:
        traceback.print_exc()
    return -1

results = []
for module, *arguments in calls:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            status = run(module, arguments)
    results.append((status, out.getvalue(), err.getvalue()))
print(json.dumps(results))
"""
PATIENCE_SECONDS = 120


class Ended(NamedTuple):
    """How a call ended, and what it wrote."""

    call: tuple
    status: int
    out: str
    err: str


def run_without(hidden, calls, **environment):
    """Run `python -m` calls in a process that can't import the modules `hidden`."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([sorted(hidden), calls]),
        env={"PATH": "", **environment},
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    results = json.loads(finished.stdout)
    return [Ended(tuple(call), *result) for call, result in zip(calls, results)]


def modules_beyond(*names):
    """Return the installed modules that neither `memoryos` nor these distributions need."""
    needed = _with_requirements({"memoryos", *map(_normalized, names)})
    distributions = list(metadata.distributions())
    kept = {
        module
        for each in distributions
        if _normalized(each.metadata["Name"] or "") in needed
        for module in _modules(each)
    }
    return {module for each in distributions for module in _modules(each)} - kept


def extra_modules(extra):
    """Return the modules that an extra of `memoryos` installs; their names are its packages'."""
    requirements = metadata.requires("memoryos") or ()
    marker = re.compile(rf"extra == ['\"]{extra}['\"]")
    return {_name(each).replace("-", "_") for each in requirements if marker.search(each)}


def _with_requirements(names):
    found = set()
    left = list(names)
    while left:
        name = left.pop()
        try:
            requirements = metadata.requires(name) or ()
        except metadata.PackageNotFoundError:  # of another Python, or another system
            continue
        if name not in found:
            found.add(name)
            left += [_name(each) for each in requirements if "extra ==" not in each]
    return found


def _modules(distribution):
    """Return the top-level modules of a distribution."""
    files = distribution.files or ()
    modules = {file.parts[0].partition(".")[0] for file in files if file.suffix in (".py", ".so")}
    return {module for module in modules if module.isidentifier() and module != "__pycache__"}


def _name(requirement):
    return _normalized(re.match(r"[\w.-]+", requirement)[0])


def _normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()
