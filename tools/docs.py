"""Builds the documentation site, strictly: a warning is a failure.

usage: python tools/docs.py [--serve]
"""

from __future__ import annotations

import argparse
import functools
import http.server
import sys
from pathlib import Path

import step

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "docs"
BUILD = (sys.executable, "-W", "error", "-m", "mkdocs", "build", "--strict", "--clean")
ENVIRONMENT = {"NO_MKDOCS_2_WARNING": "1"}  # the pins keep to MkDocs 1
PORT = 8000


def build(site: Path = SITE) -> step.Outcome:
    """Build the site into a folder; what MkDocs said is shown where it fails."""
    command = (*BUILD, "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(site))
    outcome = step.run("Building the documentation", command, ENVIRONMENT)
    if not outcome.passed:
        print(outcome.output)
    return outcome


def serve(site: Path) -> None:
    """Serve the site on this machine until Ctrl-C: its search needs a server."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler) as server:
        print(f"http://127.0.0.1:{PORT}/ (Ctrl-C ends it)", flush=True)
        server.serve_forever()


def main() -> int:
    """Build, then serve or say where it is."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--serve", action="store_true", help="serve it until Ctrl-C")
    wants_server = options.parse_args().serve
    if not build().passed:
        return 1
    if wants_server:
        serve(SITE)
    else:
        print(f"It begins with {SITE / 'index.html'}; make docs ARGS=--serve serves it.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
