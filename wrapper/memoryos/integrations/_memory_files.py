"""The commands of Claude's memory tool, on files that are memories. Pure.

Each command is a generator: it yields the calls that it needs as `Step`s, gets each result sent,
and returns its answer or raises `CommandError`. The texts are those of Anthropic's own tool, which
keeps real files, since models know them.

A file is a memory with the tag `memory-tool` and its path in the metadata. Folders follow from the
paths; an empty one is a memory of its own.
"""

from __future__ import annotations

import posixpath
from typing import Any, Dict, Generator, List, NamedTuple, Optional, Sequence, Set, TypeVar

__all__ = ["Command", "CommandError", "Step", "clear", "create", "delete", "insert", "rename"]
__all__ += ["replace", "view"]

ROOT = "/memories"
TAG = "memory-tool"

_PATH, _TEXT, _IS_FOLDER = "memory_path", "memory_text", "memory_folder"
_MAX_LINES = 999_999
_NUMBER_WIDTH = 6
_FOLDER_SIZE = 4096
"""What most file systems say of a small folder."""
_UNITS = "BKMG"
_HEADER = "Here're the files and directories up to 2 levels deep in {}, excluding hidden items:"

Result = TypeVar("Result")


class CommandError(Exception):
    """A command can't be carried out; the message is for the model."""


class Step(NamedTuple):
    """A call of a method of `memories`."""

    method: str
    """`iterate` stands for a list of all that it yields."""
    arguments: Dict[str, Any]
    may_be_gone: bool = False
    """Whether it doesn't matter that the memory was deleted in the meantime."""


Steps = Generator[Step, Any, Result]
Command = Steps[str]


class _Entry(NamedTuple):
    """A file, or an empty folder."""

    path: str
    text: str
    is_folder: bool
    memory: Dict[str, Any]


class _Tree(NamedTuple):
    entries: List[_Entry]
    files: Dict[str, _Entry]
    folders: Set[str]

    def has(self, path: str) -> bool:
        return path in self.files or path in self.folders

    def below(self, path: str) -> List[_Entry]:
        """Return all entries at and below a path."""
        return [entry for entry in self.entries if _is_in(entry.path, path)]


def view(path: str, view_range: Optional[Sequence[int]] = None) -> Command:
    """Show a file with line numbers, or two levels of a folder."""
    place = _place(path)
    file = yield from _file(place)
    if file is not None:
        return _numbered_file(path, file.text, view_range)
    tree = yield from _tree()
    if place not in tree.folders:
        raise CommandError(f"The path {path} does not exist. Please provide a valid path.")
    return _listing(path, place, tree)


def create(path: str, text: str) -> Command:
    """Make a new file, and the folders on its way."""
    place = _place(path)
    tree = yield from _tree()
    _check_parents(place, tree)
    if tree.has(place):
        raise CommandError(f"File {path} already exists")
    yield _new(place, text)
    return f"File created successfully at: {path}"


def replace(path: str, old: str, new: str) -> Command:
    """Replace a text that occurs once in a file."""
    file = yield from _existing_file(path)
    starts = [at for at in range(len(file.text) + 1) if file.text.startswith(old, at)]
    lines = [file.text.count("\n", 0, at) + 1 for at in starts]
    if not lines:
        raise CommandError(
            f"No replacement was performed, old_str `{old}` did not appear verbatim in {path}."
        )
    # Occurrences that overlap are listed, but don't make the text ambiguous.
    if file.text.count(old) > 1:
        raise CommandError(
            f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines: "
            f"{', '.join(map(str, lines))}. Please ensure it is unique"
        )
    text = file.text.replace(old, new)
    yield _rewritten(file, text)
    first = max(lines[0] - 2, 1)
    shown = _numbered(text.split("\n")[first - 1 : lines[0] + 2], first)
    return (
        "The memory file has been edited. Here is the snippet showing the change (with line "
        f"numbers):\n{shown}"
    )


def insert(path: str, line: int, text: str) -> Command:
    """Insert a text after a line of a file; line 0 is its start."""
    file = yield from _existing_file(path)
    lines = file.text.removesuffix("\n").split("\n") if file.text else []
    if not 0 <= line <= len(lines):
        raise CommandError(
            f"Invalid `insert_line` parameter: {line}. It should be within the range "
            f"[0, {len(lines)}]."
        )
    lines.insert(line, text.rstrip("\n"))
    changed = "\n".join(lines)
    yield _rewritten(file, changed if changed.endswith("\n") else f"{changed}\n")
    return f"The file {path} has been edited."


def delete(path: str) -> Command:
    """Delete a file, or a folder with all that is in it."""
    place = _place(path)
    if place == ROOT:
        raise CommandError("Cannot delete the /memories directory itself")
    tree = yield from _tree()
    if not tree.has(place):
        raise CommandError(f"The path {path} does not exist")
    yield from _kept_folder(place, tree)
    for entry in tree.below(place):
        yield _deleted(entry)
    return f"Successfully deleted {path}"


def rename(old_path: str, new_path: str) -> Command:
    """Move a file or a folder."""
    old, new = _place(old_path), _place(new_path)
    if old == ROOT:
        raise CommandError("Cannot rename the /memories directory itself")
    tree = yield from _tree()
    if tree.has(new):
        raise CommandError(f"The destination {new_path} already exists")
    _check_parents(new, tree)
    if not tree.has(old):
        yield from _made_folder(posixpath.dirname(new), tree)  # the reference tool does so
        raise CommandError(f"The path {old_path} does not exist")
    if _is_in(new, old):
        raise CommandError(f"The directory {old_path} can't be moved into itself")
    yield from _kept_folder(old, tree)
    for entry in tree.below(old):
        yield _moved(entry, new + entry.path[len(old) :])
    return f"Successfully renamed {old_path} to {new_path}"


def clear() -> Command:
    """Delete all files and folders."""
    tree = yield from _tree()
    for entry in tree.entries:
        yield _deleted(entry)
    return "All memory cleared"


def _place(path: str) -> str:
    """Return the normal form of a path."""
    if not path.startswith(ROOT):
        raise CommandError(f"Path must start with /memories, got: {path}")
    place = posixpath.normpath(f"{ROOT}/{path[len(ROOT) :].lstrip('/')}")
    if not _is_in(place, ROOT):
        raise CommandError(f"Path {path} would escape /memories directory")
    return place


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _parents(path: str) -> List[str]:
    """Return the folders that a path is in, from `/memories` downwards."""
    names = path.split("/")
    return ["/".join(names[:end]) for end in range(2, len(names))]


def _file(place: str) -> Steps[Optional[_Entry]]:
    page = yield Step("list", {"limit": 1, "tags": [TAG], "metadata": {_PATH: place}})
    entries = [_entry(memory) for memory in page["data"]]
    return entries[0] if entries and not entries[0].is_folder else None


def _existing_file(path: str) -> Steps[_Entry]:
    place = _place(path)
    file = yield from _file(place)
    if file is not None:
        return file
    tree = yield from _tree()
    if place in tree.folders:
        raise CommandError(f"The path {path} is not a file.")
    raise CommandError(f"The path {path} does not exist. Please provide a valid path.")


def _tree() -> Steps[_Tree]:
    memories = yield Step("iterate", {"tags": [TAG]})
    entries = [_entry(memory) for memory in memories if _PATH in memory["metadata"]]
    # The oldest comes last, and the newest counts if two clients made one file at the same time.
    files = {entry.path: entry for entry in reversed(entries) if not entry.is_folder}
    folders = {entry.path for entry in entries if entry.is_folder}
    folders.update(*(_parents(entry.path) for entry in entries), [ROOT])
    return _Tree(entries, files, folders)


def _entry(memory: Dict[str, Any]) -> _Entry:
    metadata = memory["metadata"]
    text = metadata.get(_TEXT, memory["content"])
    return _Entry(metadata[_PATH], text, bool(metadata.get(_IS_FOLDER)), memory)


def _check_parents(place: str, tree: _Tree) -> None:
    for parent in _parents(place):
        if parent in tree.files:
            raise CommandError(f"The path {parent} is not a directory.")


def _kept_folder(place: str, tree: _Tree) -> Steps[None]:
    """Keep the folder that a path is in, if nothing else is in it."""
    folder = posixpath.dirname(place)
    if folder != ROOT and len(tree.below(folder)) == len(tree.below(place)):
        yield from _made_folder(folder, tree, anew=True)


def _made_folder(folder: str, tree: _Tree, *, anew: bool = False) -> Steps[None]:
    if anew or folder not in tree.folders:
        yield _new(folder, "", is_folder=True)


def _new(place: str, text: str, *, is_folder: bool = False) -> Step:
    content, metadata = _stored(place, text)
    metadata["tags"] = [TAG]
    if is_folder:
        metadata[_IS_FOLDER] = True
    fields = {"content": content, "metadata": metadata}
    return Step("create", {**fields, "tier": "long", "content_type": "document"})


def _stored(place: str, text: str) -> tuple[str, Dict[str, Any]]:
    """Return the content and the metadata of a file. A memory needs a text that can be seen."""
    if any(map(str.isalnum, text)):
        return text, {_PATH: place}
    return place, {_PATH: place, _TEXT: text}


def _rewritten(file: _Entry, text: str) -> Step:
    content, metadata = _stored(file.path, text)
    kept = {name: value for name, value in file.memory["metadata"].items() if name != _TEXT}
    fields = {"content": content, "metadata": {**kept, **metadata}}
    memory_id, updated_at = file.memory["id"], file.memory["updated_at"]
    return Step("update", {"memory_id": memory_id, **fields, "if_updated_at": updated_at})


def _moved(entry: _Entry, place: str) -> Step:
    metadata = {**entry.memory["metadata"], _PATH: place}
    return Step("update", {"memory_id": entry.memory["id"], "metadata": metadata}, may_be_gone=True)


def _deleted(entry: _Entry) -> Step:
    return Step("delete", {"memory_id": entry.memory["id"]}, may_be_gone=True)


def _numbered_file(path: str, text: str, view_range: Optional[Sequence[int]]) -> str:
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        raise CommandError(f"File {path} exceeds maximum line limit of 999,999 lines.")
    first = 1
    if view_range and len(view_range) == 2:
        first = max(view_range[0], 1)
        last = len(lines) if view_range[1] == -1 else view_range[1]
        lines = lines[first - 1 : last]
    return f"Here's the content of {path} with line numbers:\n{_numbered(lines, first)}"


def _numbered(lines: Sequence[str], first: int) -> str:
    numbered = enumerate(lines, first)
    return "\n".join(f"{number:>{_NUMBER_WIDTH}}\t{line}" for number, line in numbered)


def _listing(path: str, place: str, tree: _Tree) -> str:
    """Return the names in a folder, in the order of a walk, two levels deep."""
    sizes = {file.path: len(file.text.encode()) for file in tree.files.values()}
    rows = [f"{_size(_FOLDER_SIZE)}\t{path}"]
    inside = [other for other in tree.folders.union(sizes) if other.startswith(f"{place}/")]
    for names in sorted(other[len(place) + 1 :].split("/") for other in inside):
        if len(names) <= 2 and not any(name.startswith(".") for name in names):
            shown = "/".join(names)
            size = sizes.get(f"{place}/{shown}")
            size_text = _size(_FOLDER_SIZE if size is None else size)
            rows.append(f"{size_text}\t{path}/{shown}{'/' if size is None else ''}")
    return "\n".join([_HEADER.format(path), *rows])


def _size(count: int) -> str:
    """Return a number of bytes as `0B`, `4K` or `1.5K`."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    size = count / 1024**power
    return f"{size:.0f}{_UNITS[power]}" if size == int(size) else f"{size:.1f}{_UNITS[power]}"
