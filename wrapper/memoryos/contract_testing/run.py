"""Run all checks against a server, and clean up."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, FrozenSet, List, Optional
from urllib.parse import urlsplit

from memoryos._printable import plural
from memoryos._protocol.features import NO_FEATURES, ServiceFeatures

from . import defaults
from .checks import all_checks
from .cleanup import clean_up
from .contract import Contract, Operation, load_contract
from .expectations import CheckFailedError, CheckSkippedError, UnusableResponseError
from .generation.sequences import run_sequences
from .generation.single_cases import run_cases
from .report.results import Finding, Results
from .safety import ENTITY_LIMIT, Ownership, record_existing_memories
from .sender import NoResponseError, NotSentError, Sender, UnreachableError
from .signals import Interruption, InterruptionRequestedError
from .target import Target, malformed_as_unusable

if TYPE_CHECKING:
    import httpx

    from memoryos._protocol.secret import Secret

    from .checks.registry import Check
    from .report.progress import Progress

__all__ = ["Plan", "run"]

_MARKER_LETTERS = 26  # 122 bits of randomness, like a random UUID
_UNLIMITED = 10**9


@dataclass(frozen=True)
class Plan:
    """Settings of a run.

    Args:
        base_url: Base URL of the server, with its path.
        api_key: API key with the default scopes.
        reader_key: API key with only the scope `memories:read`, for the checks of scopes.
        cases: Number of generated cases, over all operations.
        sequences: Number of generated sequences.
        seed: Seed of the generators.
        only: Ids of the operations to check; empty for all.
        settle_seconds: Seconds until a search or a list must show a write.
        disposable: The account is for tests only, so that any number of entities may remain.
    """

    base_url: str
    api_key: Secret[str] = field(repr=False)
    reader_key: Optional[Secret[str]] = field(default=None, repr=False)
    cases: int = defaults.CASES
    sequences: int = defaults.SEQUENCES
    seed: int = 0
    only: FrozenSet[str] = frozenset()
    settle_seconds: float = defaults.SETTLE_SECONDS
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
    """Check a server, and delete what the checks created.

    Args:
        plan: Settings of the run.
        client: HTTP client that doesn't follow redirects.
        progress: Progress display.
        interruption: Stops the run between two requests.
        contract: The contract. Default: the one that this package was generated from.
        sleep: Waits a number of seconds.

    Returns:
        The results.
    """
    contract = contract or load_contract()
    own = _ownership(plan, contract)
    results = Results(plan.base_url, plan.seed, own.marker, tuple(contract.operations))
    sender = Sender(client, plan.base_url, plan.api_key, own, interruption, sleep)
    started = time.monotonic()
    try:
        contract = contract.with_features(_connect(sender, contract))
        reader = None if plan.reader_key is None else plan.reader_key.reveal()
        target = Target(
            contract,
            sender,
            results,
            settle_seconds=plan.settle_seconds,
            reader_key=reader,
            sleep=sleep,
        )
        _run_all(plan, target, progress)
    except InterruptionRequestedError:
        results.interrupted = True
    except UnreachableError as error:
        results.stopped = str(error)
    finally:
        progress.start("cleaning up")
        results.leftovers = clean_up(sender)
        deleted = len(own.created) - len(results.leftovers.memories)
        progress.done(f"{plural(deleted, 'memory', 'memories')} deleted")
        results.requests = sender.requests
        results.seconds = time.monotonic() - started
    return results


def new_marker() -> str:
    """Return a unique random word."""
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


def _connect(sender: Sender, contract: Contract) -> FrozenSet[str]:
    """Check the address and the API key, and record the existing memories.

    Returns:
        The features that the server names.

    Raises:
        UnreachableError: The server can't be reached, or rejects the key.
    """
    path = contract.operations["list_memories"].path
    try:
        response = sender.send("GET", path, query=(("limit", "100"),))
    except NoResponseError as error:
        raise UnreachableError(str(error)) from None
    if response.status == 401:
        raise UnreachableError("the server rejects this API key (401)")
    if response.status == 404:
        raise UnreachableError(
            "GET /memories is not found (404) at this address: is the path /v1 missing?"
        )
    record_existing_memories(sender.own, response)
    features = ServiceFeatures()
    features.learn(response.status, response.headers)
    return features.names or NO_FEATURES


def _run_all(plan: Plan, target: Target, progress: Progress) -> None:
    selected = [
        operation
        for operation in target.contract.operations.values()
        if not plan.only or operation.id in plan.only
    ]
    checks = all_checks(target.contract)
    for operation in selected:
        _check_operation(operation, checks, target, progress)
    _generate_all(plan, selected, target, progress)
    if plan.sequences and not plan.only:
        progress.start("sequences", plan.sequences)
        run_sequences(target, plan.sequences, plan.seed, progress.update)
        sequences = plural(target.results.sequences, "sequence")
        progress.done(f"{sequences}, {plural(target.results.steps, 'call')}")


def _check_operation(
    operation: Operation, checks: List[Check], target: Target, progress: Progress
) -> None:
    applicable = [check for check in checks if check.operation == operation.id]
    progress.start(f"{operation.id}: checks", len(applicable))
    for number, check in enumerate(applicable):
        progress.update(number)
        target.results.add(_run_check(check, target))
    problems = len(target.results.of(operation.id, "failed", "assumed"))
    suffix = f", {plural(problems, 'problem')}" if problems else ""
    progress.done(f"{plural(len(applicable), 'check')}{suffix}")


def _run_check(check: Check, target: Target) -> Finding:
    started = time.monotonic()
    finding = Finding(check.operation, check.name, check.description, "passed")
    try:
        with malformed_as_unusable():
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
    """Distribute the generated cases over the operations.

    Cases that one operation can't use are added to the following ones.
    """
    # A deletion has no input except the id of an own memory, which the sequences cover.
    # create_entity comes first because it gets only invalid cases.
    suitable = sorted(
        (each for each in operations if each.id != "delete_memory"),
        key=lambda each: each.id != "create_entity",
    )
    for number, operation in enumerate(suitable):
        missing = plan.cases - target.results.generated_cases()
        count = max(0, -(-missing // (len(suitable) - number)))
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
        description = "Generated requests get responses that match the contract."
        finding = Finding(operation.id, "generated-cases", description, "skipped", str(reason))
        target.results.add(finding)
    target.results.cases[operation.id] = sent
    progress.done(f"{sent} generated cases")
