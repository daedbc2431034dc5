"""Configurations of AI applications that start `memoryos mcp`, or connect to a server. Pure.

Each application has its own form, its own place for it, and its own way to refer to a key, which
is never part of a configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence

from memoryos._protocol.settings import KEY_VARIABLE

__all__ = ["APPLICATIONS", "Application", "Command", "command_entry", "http_entry"]

_NAME = "memoryos"
_INPUT = "memoryos-key"


@dataclass(frozen=True)
class Application:
    """An application that speaks MCP."""

    title: str
    servers: str
    """The member of the configuration that has the servers by name."""
    key_reference: Optional[str]
    """What the application replaces by the key; None if its configuration has no such thing."""
    http_type: Optional[str]
    """The `type` of a server over HTTP; empty for none, None if the file can't name one."""
    places: str
    """Where the configuration goes."""
    inputs: Sequence[Mapping[str, Any]] = ()
    """Values that the application asks the user for, if a key is needed."""

    def configuration(self, entry: Mapping[str, Any]) -> Dict[str, Any]:
        """Return the configuration that has one server."""
        needs_key = self.key_reference is not None and self.key_reference in str(entry)
        inputs = {"inputs": list(self.inputs)} if self.inputs and needs_key else {}
        return {**inputs, self.servers: {_NAME: entry}}


@dataclass(frozen=True)
class Command:
    """A command that an application starts."""

    words: Sequence[str]
    """The program, by its absolute path, and its arguments."""
    needs_key: bool
    """Whether it takes the key from the environment."""
    environment: Mapping[str, str]
    """Further variables, which are no secrets."""


APPLICATIONS: Mapping[str, Application] = {
    "claude-desktop": Application(
        "Claude Desktop",
        "mcpServers",
        None,
        None,
        r"""claude_desktop_config.json, which Settings > Developer > Edit Config opens:
  macOS    ~/Library/Application Support/Claude/claude_desktop_config.json
  Windows  %APPDATA%\Claude\claude_desktop_config.json
  Linux    ~/.config/Claude/claude_desktop_config.json""",
    ),
    "claude-code": Application(
        "Claude Code",
        "mcpServers",
        f"${{{KEY_VARIABLE}}}",
        "http",
        """.mcp.json in the folder of a project, on every system""",
    ),
    "cursor": Application(
        "Cursor",
        "mcpServers",
        f"${{env:{KEY_VARIABLE}}}",
        "",
        r""".cursor/mcp.json in the folder of a project, or for all projects:
  macOS    ~/.cursor/mcp.json
  Windows  %USERPROFILE%\.cursor\mcp.json
  Linux    ~/.cursor/mcp.json""",
    ),
    "vscode": Application(
        "VS Code",
        "servers",
        f"${{input:{_INPUT}}}",
        "http",
        r""".vscode/mcp.json in the folder of a project, or the file that the command
"MCP: Open User Configuration" opens:
  macOS    ~/Library/Application Support/Code/User/mcp.json
  Windows  %APPDATA%\Code\User\mcp.json
  Linux    ~/.config/Code/User/mcp.json""",
        inputs=(
            {
                "type": "promptString",
                "id": _INPUT,
                "description": "API key of Memory OS",
                "password": True,
            },
        ),
    ),
    "zed": Application(
        "Zed",
        "context_servers",
        None,
        None,
        r"""settings.json, which the command "zed: open settings file" opens:
  macOS    ~/.config/zed/settings.json
  Windows  %APPDATA%\Zed\settings.json
  Linux    ~/.config/zed/settings.json""",
    ),
}


def command_entry(application: Application, command: Command) -> Optional[Dict[str, Any]]:
    """Return the entry of a server that the application starts.

    None if the command needs a key from the environment, and the application's configuration can't
    refer to it.
    """
    environment = dict(command.environment)
    if command.needs_key:
        if application.key_reference is None:
            return None
        environment[KEY_VARIABLE] = application.key_reference
    program, *arguments = command.words
    entry: Dict[str, Any] = {"command": program, "args": arguments}
    if application.http_type == "http":  # it tells the kinds of servers apart by their type
        entry = {"type": "stdio", **entry}
    return {**entry, "env": environment} if environment else entry


def http_entry(application: Application, url: str) -> Optional[Dict[str, Any]]:
    """Return the entry of a server over HTTP; None if the application's file can't have one."""
    if application.http_type is None or application.key_reference is None:
        return None
    kind = {"type": application.http_type} if application.http_type else {}
    headers = {"Authorization": f"Bearer {application.key_reference}"}
    return {**kind, "url": url, "headers": headers}
