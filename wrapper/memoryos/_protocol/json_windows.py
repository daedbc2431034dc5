"""Read parts of a large JSON text with the standard library's scanner."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Generator, List, Optional, Tuple, Union

from .json_nesting import check_nesting
from .json_strings import CHARACTERS, decode_string

STEP_CHARACTERS = 16 * 1024
"""Limit of the values that are decoded between two steps."""

MAX_NUMBER_CHARACTERS = 64 * 1024
"""Limit of one number; Python converts no integer of that length."""

_AFTER_VALUES = ",]} \t\n\r"
_AT_END_OF_VALUES = '"]}'  # of all that the scanner can't take for a longer value's beginning
_NOWHERE = -1  # no position
# A bracket, and the last comma outside a string between it and the bracket before. It matches
# everywhere, so it never backtracks.
_brackets = re.compile(
    r'(?:[^"\[\]{},]+|"' + CHARACTERS + r'"?|(,))*([\[\]{}]?)', re.DOTALL
).finditer
_decoder = json.JSONDecoder()
_COMMA = (",", 0)
_BEFORE_COMMA, _AFTER_COMMA = 2, 5  # characters around a comma that probably recur


class Container:
    """An object or array that is being read.

    Attributes:
        value: Its members so far.
        start: The position of its opening bracket.
        name: In an object, the name of the next value.
    """

    __slots__ = ("name", "start", "value")

    def __init__(self, bracket: str, start: int) -> None:
        self.value: Union[Dict[str, Any], List[Any]] = {} if bracket == "{" else []
        self.start = start
        self.name = ""

    @property
    def brackets(self) -> str:
        """The brackets around the members."""
        return "{}" if isinstance(self.value, dict) else "[]"

    def add(self, member: Any) -> None:
        """Add a value."""
        if isinstance(self.value, dict):
            self.value[self.name] = member
        else:
            self.value.append(member)

    def add_all(self, members: Any) -> None:
        """Add the members of another object or array."""
        if isinstance(self.value, dict):
            self.value.update(members)
        else:
            self.value.extend(members)


class Window:
    """A part of the text, so that the scanner can't read further.

    Attributes:
        depth: How many objects and arrays contain the value or members that are read next.
        end: The position of the comma or bracket after the members that were read last.
    """

    def __init__(self, text: str) -> None:
        self.depth = 0
        self.end = 0
        self._text = text
        self._start = 0
        self._part = ""
        # Of the objects and arrays that contain the end of the part, by their starts.
        self._cuts: Dict[int, int] = {}
        # What was around the comma between two members, and the comma's position in it.
        self._separator = _COMMA

    def read(self, position: int) -> Generator[None, None, Optional[Tuple[Any, int]]]:
        """Return the value at a position, and its end; None for a large object or array."""
        if not self._is_near(position):
            self._move(position)
            yield
        if position in self._cuts:
            return None
        found = self._within(position)
        if found is None and position > self._start:
            self._move(position)
            yield
            found = self._within(position)
        if found is not None:
            return found
        if self._part[:1] in ("{", "["):
            self._cuts = _cuts(self._part, position, _NOWHERE)
            return None
        if self._part[:1] == '"':
            return (yield from decode_string(self._text, position))
        return _number_or_word(self._text, position)

    def read_members(self, position: int, container: Container) -> bool:
        """Add members that follow to their container, and set `end`.

        Returns:
            Whether there are any. Otherwise a large one follows, or an error.
        """
        if not (self._is_near(position) and container.start in self._cuts):
            self._move(position)
            if self._read_to_separator(container):
                return True
            # Slower, but exact.
            self._cuts = _cuts(self._part, position, container.start)
        cut = self._cuts[container.start]
        self._cuts[container.start] = _NOWHERE
        if cut - _BEFORE_COMMA > position:
            around = self._text[cut - _BEFORE_COMMA : cut + _AFTER_COMMA]
            self._separator = around, _BEFORE_COMMA
        try:
            return self._read_until(cut, position, container)
        except (ValueError, RecursionError):  # reading one by one finds its position
            return False

    def _read_to_separator(self, container: Container) -> bool:
        """Add the members before the last separator in the part, if it separates members."""
        for separator, comma in (self._separator, _COMMA):
            found = self._part.rfind(separator)
            try:  # a comma within a member fails, or ends the text too early
                if found >= 0 and self._read_until(
                    self._start + found + comma, self._start, container
                ):
                    return True
            except json.JSONDecodeError as error:
                if error.msg == "Extra data":  # the container ends
                    return False
            except (ValueError, RecursionError):
                return False
        return False

    def _read_until(self, cut: int, position: int, container: Container) -> bool:
        if cut <= position:
            return False
        part = self._part[position - self._start : cut - self._start]
        members = _decoder.decode(f"{container.brackets[0]}{part}{container.brackets[1]}")
        container.add_all(members)
        self.end = cut
        return bool(members)

    def _within(self, position: int) -> Optional[Tuple[Any, int]]:
        try:
            value, end = _decoder.raw_decode(self._part, position - self._start)
        except (json.JSONDecodeError, IndexError):
            return None
        # Where the part ends within a number, its beginning is a number too.
        after = self._part[end : end + 1]
        end += self._start
        is_whole = (
            self._text[end - 1] in _AT_END_OF_VALUES
            or end == len(self._text)
            or (after and after in _AFTER_VALUES)
        )
        return (value, end) if is_whole else None

    def _is_near(self, position: int) -> bool:
        """Return whether most of the part follows a position."""
        return bool(self._part) and 0 <= position - self._start < STEP_CHARACTERS * 3 // 4

    def _move(self, position: int) -> None:
        self._start = position
        self._part = self._text[position : position + STEP_CHARACTERS]
        self._cuts = {}
        check_nesting(self._part, self.depth)


def _cuts(part: str, start: int, container: int) -> Dict[int, int]:
    """Return where the last whole members end, for each object and array that is still open.

    Args:
        part: A part of the text, from the beginning of a member.
        start: The position of the part.
        container: The start of the object or array that contains the member.

    Returns:
        The positions of their last commas, by their starts; `_NOWHERE` if the first member isn't
        whole. If the container itself ends, only the position of its closing bracket. Where the
        text isn't JSON, the positions mean nothing.
    """
    starts, cuts = [container], [_NOWHERE]
    for found in _brackets(part):
        comma, bracket = found.start(1), found.group(2)
        if comma >= 0:
            cuts[-1] = start + comma
        if bracket in ("[", "{"):
            starts.append(start + found.start(2))
            cuts.append(_NOWHERE)
        elif bracket:
            if len(starts) == 1:
                return {container: start + found.start(2)}
            starts.pop()
            cuts.pop()
    return dict(zip(starts, cuts))


def _number_or_word(text: str, position: int) -> Tuple[Any, int]:
    """Return a value that is no container and no string, and its end.

    Raises:
        ValueError: It is none, or a number that is too long.
    """
    part = text[position : position + MAX_NUMBER_CHARACTERS]
    try:
        value, end = _decoder.raw_decode(part)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(error.msg, text, position + error.pos) from None
    if end == MAX_NUMBER_CHARACTERS:
        raise json.JSONDecodeError("Too long a number", text, position)
    return value, position + end
