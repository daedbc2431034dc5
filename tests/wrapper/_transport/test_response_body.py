"""Bodies of responses: what is decoded, what isn't, and within which limits."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from typing import Dict, Iterable, List, Tuple

import pytest

from memoryos._transport.response_body import (
    MAX_BODY_BYTES,
    MAX_ENCODINGS,
    STEP_BYTES,
    BodyReader,
    collect_headers,
)

from ...cpu_time import is_shorter_than_decoding, longest_step

BODY = json.dumps({"data": [{"content": f"Gläser {n}"} for n in range(500)]}).encode()
UNKNOWN = "its content encoding is unknown"
CUT_OFF = "its body is cut off"
WRONG = "its body is not what its content encoding says"


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


def bytewise(body: bytes) -> List[bytes]:
    return [body[at : at + 1] for at in range(len(body))]


def read(encoding: str, parts: Iterable[bytes], limit: int = MAX_BODY_BYTES) -> BodyReader:
    reader = BodyReader({"content-encoding": encoding}, limit)
    for part in parts:
        if not reader.feed(part):
            break
    return reader


def decoded(encoding: str, parts: Iterable[bytes]) -> bytes:
    reader = read(encoding, parts)
    content = reader.content()
    assert reader.defect is None
    return content


def defect(encoding: str, parts: Iterable[bytes], limit: int = MAX_BODY_BYTES) -> str:
    reader = read(encoding, parts, limit)
    assert reader.content() == b""
    assert reader.defect is not None
    return reader.defect


HALVES = gzip.compress(BODY[:1234]) + gzip.compress(BODY[1234:])

ENCODED: Dict[str, Tuple[str, bytes]] = {
    "identity": ("identity", BODY),
    "identity in capitals": ("Identity", BODY),
    "an empty header": ("", BODY),
    "blanks": (" \t", BODY),
    "commas": (" , ,", BODY),
    "identity twice": ("identity, IDENTITY", BODY),
    "none": ("none", BODY),
    "a charset": ("UTF-8", BODY),
    "gzip": ("gzip", gzip.compress(BODY)),
    "gzip in capitals": (" GZIP ", gzip.compress(BODY)),
    "x-gzip": ("x-gzip", gzip.compress(BODY)),
    "x-gzip in capitals": ("X-GZip", gzip.compress(BODY)),
    "gzip and identity": ("gzip, identity", gzip.compress(BODY)),
    "nothing and gzip": (", gzip", gzip.compress(BODY)),
    "gzip twice": ("gzip,gzip", gzip.compress(gzip.compress(BODY))),
    "gzip over deflate": ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
    "deflate over gzip": ("gzip, deflate", zlib.compress(gzip.compress(BODY))),
    "raw deflate over gzip": ("gzip, deflate", raw_deflate(gzip.compress(BODY))),
    "deflate": ("deflate", zlib.compress(BODY)),
    "raw deflate": ("deflate", raw_deflate(BODY)),
    "raw deflate in capitals": ("Deflate", raw_deflate(BODY)),
    "two members": ("gzip", HALVES),
    "many members": ("gzip", b"".join(map(gzip.compress, bytewise(BODY)))),
    "empty members": ("gzip", gzip.compress(b"") + HALVES + gzip.compress(b"")),
    "padding after a member": ("gzip", gzip.compress(BODY) + b"\0" * 700),
    "padding between members": (
        "gzip",
        gzip.compress(BODY[:9]) + b"\0" * 5 + gzip.compress(BODY[9:]),
    ),
    "junk after gzip": ("gzip", gzip.compress(BODY) + b"<!-- cached -->"),
    "junk that begins like gzip": ("gzip", gzip.compress(BODY) + b"\x1fjunk"),
    "the first byte of gzip after gzip": ("gzip", gzip.compress(BODY) + b"\x1f"),
    "gzip after padding and junk": (
        "gzip",
        gzip.compress(BODY) + b"\0-" + gzip.compress(b"not read"),
    ),
    "junk after deflate": ("deflate", zlib.compress(BODY) + b"junk"),
    "deflate after deflate": ("deflate", zlib.compress(BODY) + zlib.compress(b"not read")),
    "junk after raw deflate": ("deflate", raw_deflate(BODY) + b"\0\0junk"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_decodes_what_others_decode(name: str) -> None:
    encoding, body = ENCODED[name]

    assert decoded(encoding, [body]) == BODY
    assert decoded(encoding, bytewise(body)) == BODY
    assert decoded(encoding, [body[:1], b"", body[1:]]) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip", "identity", ""])
def test_an_empty_body_is_empty_in_every_encoding(encoding: str) -> None:
    assert decoded(encoding, []) == b""
    assert decoded(encoding, [b""]) == b""


def test_a_body_that_is_not_encoded_is_not_copied() -> None:
    reader = BodyReader({})
    reader.feed(BODY)

    assert reader.content() is BODY


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "br, gzip", "compress", "gzip;q=1"])
def test_an_unknown_encoding_is_a_defect(encoding: str) -> None:
    assert defect(encoding, [BODY]) == UNKNOWN


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "gzip, deflate"])
def test_text_that_is_not_encoded_is_a_defect(encoding: str) -> None:
    assert defect(encoding, [BODY]) == WRONG


@pytest.mark.parametrize(
    "body",
    [gzip.compress(BODY), zlib.compress(BODY), HALVES],
    ids=["gzip", "deflate", "two members"],
)
def test_a_body_that_ends_early_is_cut_off(body: bytes) -> None:
    encoding = "gzip" if body[:2] == b"\x1f\x8b" else "deflate"

    for length in {1, 2, 9, len(body) // 2, len(body) - 9, len(body) - 1}:
        assert defect(encoding, [body[:length]]) == CUT_OFF


def test_only_the_end_of_the_second_member_may_be_missing_before_it_begins() -> None:
    first = len(gzip.compress(BODY[:1234]))

    assert decoded("gzip", [HALVES[:first]]) == BODY[:1234]
    assert defect("gzip", [HALVES[: first + 2]]) == CUT_OFF


def test_a_damaged_member_is_a_defect() -> None:
    damaged = bytearray(HALVES)
    damaged[-6] ^= 1  # in the checksum of the second member

    assert defect("gzip", [bytes(damaged)]) == WRONG


def test_several_encodings_are_decoded_up_to_a_limit() -> None:
    body = BODY
    for _ in range(MAX_ENCODINGS):
        body = gzip.compress(body)

    assert decoded(", ".join(["gzip"] * MAX_ENCODINGS), [body]) == BODY
    assert "more than 5" in defect(", ".join(["gzip"] * 6), [gzip.compress(body)])
    assert "more than 5" in defect(", ".join(["gzip"] * 5000), [b"a"])


@pytest.mark.parametrize("size", [STEP_BYTES - 1, STEP_BYTES, STEP_BYTES + 1, 4 * STEP_BYTES])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_may_end_with_a_step(encoding: str, size: int) -> None:
    body = b"\n" * size
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)

    assert decoded(encoding, [packed]) == body


@pytest.mark.parametrize(
    ("encoding", "part"),
    [
        ("gzip", gzip.compress(b"a" * 1001)),
        ("deflate", raw_deflate(b"a" * 1001)),
        ("gzip, gzip", gzip.compress(gzip.compress(b"a" * 1001))),
        # Nothing comes out of these.
        ("gzip", gzip.compress(b"") * 51),
        ("deflate", b"\0\0\0\xff\xff" * 201),
        ("gzip, gzip", gzip.compress(gzip.compress(b"") * 51)),
        ("gzip", gzip.compress(b"a") + b"junk" * 250),
        ("identity", b"a" * 1001),
    ],
    ids=[
        *("gzip", "deflate", "gzip twice", "empty members", "empty blocks", "empty members twice"),
        *("junk", "identity"),
    ],
)
def test_the_limit_bounds_what_is_received_and_what_is_decoded(encoding: str, part: bytes) -> None:
    assert defect(encoding, [part], limit=1000) == "its body is larger than 1000 bytes"
    assert defect(encoding, bytewise(part), limit=1000) == "its body is larger than 1000 bytes"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_nothing_is_taken_after_a_defect(encoding: str) -> None:
    reader = BodyReader({"content-encoding": encoding, "content-length": "11"}, limit=10)

    assert not reader.feed(gzip.compress(b"a"))
    assert not reader.feed(b"a")
    assert reader.content() == b""
    assert reader.defect == "its body is larger than 10 bytes"


@pytest.mark.parametrize("length", ["1_1", "+11", "１１", "-1", "1e9", "", " "])  # noqa: RUF001
def test_only_digits_are_a_length(length: str) -> None:
    reader = BodyReader({"content-length": length}, limit=10)

    assert reader.feed(b"a")
    assert reader.content() == b"a"


@pytest.mark.parametrize("length", ["11", "0011", "9" * 5000])
def test_an_announced_length_is_bounded(length: str) -> None:
    assert not BodyReader({"content-length": length}, limit=10).feed(b"a")
    assert BodyReader({"content-length": "0" * 5000 + "10"}, limit=10).feed(b"a")


STORMS = {
    "a large body": ("gzip", gzip.compress(b"a" * (8 << 20)), 31),
    "a large body, encoded twice": (
        "gzip, gzip",
        gzip.compress(gzip.compress(b"a" * (8 << 20))),
        31,
    ),
    "a large raw body": ("deflate", raw_deflate(b"a" * (8 << 20)), 31),
    "random bytes": ("gzip", gzip.compress(os.urandom(1 << 20)), 3),
    "empty members": ("gzip", gzip.compress(b"") * 3200, 3),
    "empty members inside": ("gzip, gzip", gzip.compress(gzip.compress(b"") * 3200), 3),
    "empty blocks": ("deflate", b"\0\0\0\xff\xff" * 200_000, 3),
    "padding": ("gzip", gzip.compress(b"a") + b"\0" * (1 << 20), 3),
    "junk": ("gzip", gzip.compress(b"a") + b"junk" * (1 << 18), 3),
}


@pytest.mark.parametrize("name", STORMS)
def test_decoding_pauses(name: str) -> None:
    encoding, part, at_least = STORMS[name]
    reader = BodyReader({"content-encoding": encoding})
    assert sum(1 for _ in reader.steps(part)) >= at_least
    assert reader.defect is None

    def pause() -> float:
        return longest_step(BodyReader({"content-encoding": encoding}).steps(part))

    assert is_shorter_than_decoding(0.5, pause)


def test_steps_do_what_feed_does() -> None:
    stepped, fed = (BodyReader({"content-encoding": "gzip"}) for _ in range(2))
    for part in (HALVES[:700], HALVES[700:]):
        for _ in stepped.steps(part):
            pass
        fed.feed(part)

    assert stepped.content() == fed.content() == BODY


def test_many_small_parts_take_little_memory() -> None:
    import tracemalloc

    reader = BodyReader({})
    parts = [bytes([n % 256, n // 256 % 256]) for n in range(1000)]
    tracemalloc.start()
    try:
        for _ in range(200):
            for part in parts:
                reader.feed(bytes(bytearray(part)))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(reader.content()) == 400_000
    assert taken < 1_000_000


def test_repeated_headers_are_collected() -> None:
    headers = collect_headers(
        [
            ("Content-Encoding", "deflate"),
            ("X-A", "1"),
            ("content-encoding", " gzip"),
            ("x-a", "2"),
            ("CONTENT-ENCODING", ""),
        ]
    )

    assert headers == {"content-encoding": "deflate,  gzip, ", "x-a": "1"}
    assert decoded(headers["content-encoding"], [gzip.compress(zlib.compress(BODY))]) == BODY
