"""Micro-batching of concurrent callers."""

from __future__ import annotations

import threading

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.micro_batching import MicroBatcher

PATIENCE = 30


def lengths(texts):
    """A model that returns the length of a text as its vector."""
    return np.array([[len(text)] for text in texts], np.float32)


class Model:
    """A model that waits until a test lets it end, and records its runs."""

    def __init__(self, failure=None):
        self.runs = []
        self.failure = failure
        self.has_begun = threading.Event()
        self.may_end = threading.Event()
        self.concurrent = 0

    def __call__(self, texts):
        self.concurrent += 1
        assert self.concurrent == 1
        self.runs.append(list(texts))
        self.has_begun.set()
        assert self.may_end.wait(PATIENCE)
        self.concurrent -= 1
        if self.failure is not None:
            raise self.failure
        return lengths(texts)


def wait_for_queue(batcher, count):
    """Wait until `count` requests are in the queue."""
    changed = threading.Event()
    for _ in range(PATIENCE * 100):
        if len(batcher._waiting) == count:
            return
        changed.wait(0.01)
    raise AssertionError(f"{len(batcher._waiting)} requests in the queue, not {count}")


@pytest.fixture
def in_threads():
    """Call functions in threads, and collect what they return or raise."""
    threads, outcomes = [], {}

    def call(name, function, *args):
        def run():
            try:
                outcomes[name] = function(*args)
            except BaseException as error:  # noqa: BLE001
                outcomes[name] = error

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()

    def finish():
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        return outcomes

    call.finish, call.outcomes = finish, outcomes
    return call


def test_a_single_caller_runs_the_model_at_once():
    """In its own thread, without a delay."""
    threads = []

    def run(texts):
        threads.append(threading.current_thread())
        return lengths(texts)

    assert MicroBatcher(run, max_texts=8).embed(["a", "bcd"]).tolist() == [[1], [3]]
    assert threads == [threading.current_thread()]


def test_callers_that_arrive_during_a_run_share_the_next_one(in_threads):
    """Each gets the rows of its own texts."""
    model = Model()
    batcher = MicroBatcher(model, max_texts=8)
    in_threads(0, batcher.embed, ["x"])
    assert model.has_begun.wait(PATIENCE)
    for number in range(1, 5):
        in_threads(number, batcher.embed, ["y" * number, "z" * 10 * number])
    wait_for_queue(batcher, 4)
    model.may_end.set()
    outcomes = in_threads.finish()
    assert [len(run) for run in model.runs] == [1, 8]
    assert outcomes.pop(0).tolist() == [[1]]
    assert {n: rows.tolist() for n, rows in outcomes.items()} == {
        n: [[n], [10 * n]] for n in range(1, 5)
    }


def test_a_run_is_limited_and_later_runs_take_the_rest(in_threads):
    model = Model()
    batcher = MicroBatcher(model, max_texts=2)
    for number in range(7):
        in_threads(number, batcher.embed, ["x" * number])
        assert model.has_begun.wait(PATIENCE)
    wait_for_queue(batcher, 6)
    model.may_end.set()
    outcomes = in_threads.finish()
    assert [len(run) for run in model.runs] == [1, 2, 2, 2]
    assert {n: rows.tolist() for n, rows in outcomes.items()} == {n: [[n]] for n in range(7)}


def test_the_texts_of_one_caller_are_never_split():
    assert len(MicroBatcher(lengths, max_texts=2).embed(["a"] * 5)) == 5


def test_an_error_reaches_the_callers_of_its_batch_only(in_threads):
    model = Model(failure=OSError("no model"))
    batcher = MicroBatcher(model, max_texts=8)
    in_threads("first", batcher.embed, ["x"])
    assert model.has_begun.wait(PATIENCE)
    in_threads("second", batcher.embed, ["y"])
    wait_for_queue(batcher, 1)
    model.may_end.set()
    outcomes = in_threads.finish()
    assert [type(outcomes[name]) for name in ("first", "second")] == [OSError, OSError]
    model.failure = None
    assert batcher.embed(["abc"]).tolist() == [[3]]


def test_an_interrupt_of_the_leader_ends_one_call_only(in_threads):
    """Ctrl-C in the thread that runs the model for the batch."""
    model = Model(failure=KeyboardInterrupt())
    batcher = MicroBatcher(model, max_texts=8)
    in_threads("interrupted", batcher.embed, ["x"])
    assert model.has_begun.wait(PATIENCE)
    in_threads("other", batcher.embed, ["abc"])
    wait_for_queue(batcher, 1)

    original = model.__call__
    batcher._run = lambda texts: lengths(texts) if texts == ["abc"] else original(texts)
    model.may_end.set()
    outcomes = in_threads.finish()
    assert isinstance(outcomes["interrupted"], KeyboardInterrupt)
    assert outcomes["other"].tolist() == [[3]]


@pytest.mark.parametrize("elected", [False, True])
def test_an_interrupt_of_a_waiting_caller_does_not_block_the_others(
    in_threads, monkeypatch, elected
):
    """Whether or not it was elected to run the model next."""
    model = Model()
    batcher = MicroBatcher(model, max_texts=1)
    in_threads("running", batcher.embed, ["x"])
    assert model.has_begun.wait(PATIENCE)

    class Interrupted(threading.Event):
        def wait(self, timeout=None):
            if elected:
                super().wait(PATIENCE)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("memoryos_server.embedders.micro_batching.Event", Interrupted)
        in_threads("interrupted", batcher.embed, ["yy"])
        if elected:
            wait_for_queue(batcher, 1)
        else:
            for _ in range(PATIENCE * 100):
                if "interrupted" in in_threads.outcomes:
                    break
                threading.Event().wait(0.01)
    in_threads("other", batcher.embed, ["zzz"])
    wait_for_queue(batcher, 2 if elected else 1)
    model.may_end.set()
    outcomes = in_threads.finish()
    assert isinstance(outcomes["interrupted"], KeyboardInterrupt)
    assert outcomes["other"].tolist() == [[3]]
    assert batcher._leader is None


def test_many_concurrent_callers_each_get_their_own_vectors():
    batcher = MicroBatcher(lengths, max_texts=4)
    wrong = []

    def work(number):
        for step in range(50):
            text = "x" * (number * 100 + step)
            if batcher.embed([text]).tolist() != [[len(text)]]:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)
