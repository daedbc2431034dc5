"""Check whether a server implements the contract of Memory OS.

`memoryos contract-test` runs hand-written checks, single requests generated from the contract's
schemas, and generated sequences of calls. It needs the extra `contract`.

A run is safe on an account with real data. Every request goes through `sender.Sender`, and
`safety.blocked_reason` is the only place that decides whether it may be sent:

- PATCH and DELETE are sent only for a memory that this run created, or for a random id (122 bits)
  that the server has answered with 404 or 400 on GET.
- A memory counts as created by this run only if the response to the POST contains the run's marker,
  a random word, and the memory is not older than the run.
- POST is sent only to paths of the contract, with an `Idempotency-Key` that contains the marker.
- The API can't delete entities. A run creates at most a few, and its report lists them.

Other memories are checked only for the form of the responses that contain them. A search or a
context may return them, and the server may count that as an access (`access_count`,
`last_accessed_at`, `relevance_score`). Nothing else about them changes.

The run deletes everything it created, even if it is interrupted. If the response to a creation was
lost, the memory is found by its marker.
"""

from __future__ import annotations
