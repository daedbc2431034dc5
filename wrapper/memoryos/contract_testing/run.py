"""One run: connect, check, generate, clean up."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, FrozenSet, List, Optional
from urllib.parse import urlsplit

from .checks import all_checks
from .cleanup import clean_up
from .contract import Contract, Operation, load_contract
from .expectations import CheckFailedError, CheckSkippedError, UnusableResponseError
from .single_cases import run_cases
from .results import Finding, Results
from .safety import ENTITY_LIMIT, Ownership, record_existing_memories
from .sender import NoResponseError, NotSentError, Sender, UnreachableError
from .sequences import run_sequences
from .signals import Interruption, InterruptionRequestedError
from .target import Target, usable

if TYPE_CHECKING:
    import httpx

    from memoryos._protocol.secret import Secret

    from .checks.registry import Check
    from .progress import Progress

__all__ = ["Plan", "run"]

_MARKER_LETTERS = 26  # about 122 bits, as many as a random UUID has
_UNLIMITED = 10**9


@dataclass(frozen=True)
class Plan:
    """What to check, and how much of it.

    Args:
        base_url: the server's address, with the base path.
        api_key: a key with the scopes of a new one.
        reader_key: a key with the scope `memories:read` only, for the checks of scopes.
        cases: how many generated cases, over all operations.
        sequences: how many sequences.
        seed: the same one generates the same.
        only: the operations to check; empty for all.
        settle_seconds: how long a write may take until a search or a list shows it.
        disposable: whether the account may be left with any number of entities.
    """

    base_url: str
    api_key: Secret[str] = field(repr=False)
    reader_key: Optional[Secret[str]] = field(default=None, repr=False)
    cases: int = 500
    sequences: int = 50
    seed: int = 0
    only: FrozenSet[str] = frozenset()
    settle_seconds: float = 5.0
    disposable: bool = False


def run(
    plan: Plan,
    client: httpx.Client,
    progress: Progress,
    interruption: Interruption,
    *,
    contract: Optional[Contract] = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Results:
    """Check a server, remove what that made, and return what was found.

    Args:
        plan: what to check.
        client: sends the requests; it must not follow redirects.
        progress: told what is being done.
        interruption: asked between two requests whether to stop.
        contract: by default, the one that this package was generated from.
        sleep: waits where the server asks for it.
    """
    contract = contract or load_contract()
    own = _ownership(plan, contract)
    results = Results(plan.base_url, plan.seed, own.marker, tuple(contract.operations))
    sender = Sender(client, plan.base_url, plan.api_key, own, interruption, sleep)
    started = time.monotonic()
    try:
        _connect(sender, contract)
        reader = None if plan.reader_key is None else plan.reader_key.reveal()
        target = Target(
            contract,
            sender,
            results,
            settle_seconds=plan.settle_seconds,
            reader_key=reader,
            sleep=sleep,
        )
        _check_all(plan, target, progress)
    except InterruptionRequestedError:
        results.interrupted = True
    except UnreachableError as error:
        results.stopped = str(error)
    finally:
        progress.start("removing what the run has made")
        results.leftovers = clean_up(sender)
        progress.done(f"{len(own.created) - len(results.leftovers.memories)} memories removed")
        results.requests = sender.requests
        results.seconds = time.monotonic() - started
    return results


def new_marker() -> str:
    """Return a random word that nothing else holds."""
    letters = (secrets.choice(string.ascii_lowercase) for _ in range(_MARKER_LETTERS))
    return "ct" + "".join(letters)


def _ownership(plan: Plan, contract: Contract) -> Ownership:
    posts = [each.path for each in contract.operations.values() if each.method == "POST"]
    return Ownership(
        marker=new_marker(),
        base_path=urlsplit(plan.base_url).path,
        creating_paths=frozenset(posts),
        entity_limit=_UNLIMITED if plan.disposable else ENTITY_LIMIT,
    )


def _connect(sender: Sender, contract: Contract) -> None:
    """See whether somebody answers at the address and takes the key, and what is there already.

    Raises:
        UnreachableError: nobody does, or the key is refused.
    """
    path = contract.operations["list_memories"].path
    try:
        response = sender.send("GET", path, query=(("limit", "100"),))
    except NoResponseError as error:
        raise UnreachableError(str(error)) from None
    if response.status == 401:
        raise UnreachableError("the server refuses this API key (401)")
    if response.status == 404:
        raise UnreachableError(
            "there is no list of memories at this address (404): is the base path, /v1, missing?"
        )
    record_existing_memories(sender.own, response)


def _check_all(plan: Plan, target: Target, progress: Progress) -> None:
    chosen = [
        operation
        for operation in target.contract.operations.values()
        if not plan.only or operation.id in plan.only
    ]
    checks = all_checks(target.contract)
    for operation in chosen:
        _check_operation(operation, checks, target, progress)
    _generate_all(plan, chosen, target, progress)
    if plan.sequences and not plan.only:
        progress.start("sequences", plan.sequences)
        run_sequences(target, plan.sequences, plan.seed, progress.update)
        progress.done(f"{target.results.sequences} sequences, {target.results.steps} calls")


def _check_operation(
    operation: Operation, checks: List[Check], target: Target, progress: Progress
) -> None:
    own = [check for check in checks if check.operation == operation.id]
    progress.start(f"{operation.id}: checks", len(own))
    for number, check in enumerate(own):
        progress.update(number)
        target.results.add(_outcome(check, target))
    wrong = len(target.results.of(operation.id, "failed", "assumed"))
    progress.done(f"{len(own)} checks" + (f", {wrong} problems" if wrong else ""))


def _outcome(check: Check, target: Target) -> Finding:
    started = time.monotonic()
    finding = Finding(check.operation, check.name, check.sentence, "passed")
    try:
        with usable():
            check.run(target)
    except CheckFailedError as failure:
        finding.verdict = "assumed" if check.assumed else "failed"
        finding.message, finding.request = str(failure), failure.request
    except (CheckSkippedError, UnusableResponseError, NotSentError) as reason:
        finding.verdict, finding.message = "skipped", str(reason)
    finding.seconds = time.monotonic() - started
    return finding


def _generate_all(
    plan: Plan, operations: List[Operation], target: Target, progress: Progress
) -> None:
    """Send the generated cases; what one operation can't use falls to those that follow."""
    # An id is all that a deletion takes, and it must be the run's own: the sequences do that.
    # The creation of entities comes first, since it takes invalid cases only.
    able = sorted(
        (each for each in operations if each.id != "delete_memory"),
        key=lambda each: each.id != "create_entity",
    )
    for number, operation in enumerate(able):
        missing = plan.cases - target.results.generated_cases()
        count = max(0, -(-missing // (len(able) - number)))
        if count:
            _generate(operation, count, plan.seed, target, progress)


def _generate(
    operation: Operation, count: int, seed: int, target: Target, progress: Progress
) -> None:
    progress.start(f"{operation.id}: generated cases", count)
    try:
        sent = run_cases(target, operation, count, seed, progress.update)
    except (CheckSkippedError, UnusableResponseError, NotSentError) as reason:
        sent = 0
        sentence = "Generated requests are answered as the contract says."
        finding = Finding(operation.id, "generated-cases", sentence, "skipped", str(reason))
        target.results.add(finding)
    target.results.cases[operation.id] = sent
    progress.done(f"{sent} generated cases")
