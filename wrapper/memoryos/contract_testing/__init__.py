"""Contract testing: is that server Memory OS?

Checks any server against the contract that this package was generated from, with checks written by
hand, with cases generated from the schemas, and with sequences of calls. `memoryos contract-test`
is the way to use it; it needs the extra `[contract]`.

**Safe on an account with real data.** Every request of a run goes through `sender.Sender`, and
`guard.refusal` decides there, in one place, what may leave:

- PATCH and DELETE go only to a memory that this run has created, or to an id that it has invented
  (122 random bits) and that the server has answered with 404 or 400 when asked for it by GET.
- A memory counts as created by this run only where the response to the POST holds the run's marker,
  a random word that nothing else can hold, and is no older than the run.
- POST goes only to the paths of the contract, and an `Idempotency-Key` holds the run's marker.
- Entities can't be deleted by the API: a run creates a handful at most, and says which remain.

Nothing is asserted about other memories, beyond that an response which holds them has the contract's
form. A search or a context may hand them out, and a server then counts that as an access
(`access_count`, `last_accessed_at`, the relevance): nothing else about them changes.

What a run has made it removes, also when it is interrupted. A memory whose response was lost is found
again by its marker.
"""

from __future__ import annotations
