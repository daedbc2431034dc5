"""The generated parts of docs/retrieval.md, by name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.marked import table
from memoryos_server.embedders import BALANCE_POINT

from .baselines import BASELINES, FUSION
from .contexts import BUDGETS
from .evaluation import SEARCH
from .measures import MEASURES
from .rule import RULED_MEASURES, TOLERANCE, beats_all, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .evaluation import Evaluation
    from .rule import Comparison

__all__ = ["context_table", "languages_table", "parts"]

_RANKINGS = (SEARCH, *BASELINES, FUSION)
_SLICED = ("R@5", "MRR")
_MIN_QUERIES_OF_KIND = 5


def parts(evaluations: Sequence[Evaluation]) -> dict[str, str]:
    """Return the tables of all sets, the rule, the kinds of queries, and the threshold."""
    return {
        "sets": _sets(evaluations),
        "rule": _rule(evaluations),
        "kinds": _kinds(evaluations),
        "threshold": _threshold(evaluations),
    }


def _sets(evaluations: Sequence[Evaluation]) -> str:
    rows = [
        (item.name, len(item.kinds), *(_digits(item.means(name)) for name in _RANKINGS))
        for item in evaluations
    ]
    return table(("set", "queries", *_RANKINGS), rows)


def _rule(evaluations: Sequence[Evaluation]) -> str:
    head = ("set", *(f"{measure}: difference" for measure in RULED_MEASURES), "kept")
    compared = {item.name: compare(item) for item in evaluations}
    rows = [
        (name, *map(_difference, comparisons), _verdict(comparisons))
        for name, comparisons in compared.items()
    ]
    broken = [name for name, comparisons in compared.items() if _is_broken(comparisons)]
    better = sum(map(beats_all, evaluations))
    summary = (
        f"Broken on {', '.join(broken) or 'none'}. By MRR the search is at least as good as each "
        f"of the others, their fusion included, on {better} of {len(evaluations)} sets."
    )
    return f"{table(head, rows)}\n\n{summary}"


def _difference(comparison: Comparison) -> str:
    return (
        f"{comparison.difference:+.3f} to {comparison.baseline} "
        f"({comparison.low:+.3f} to {comparison.high:+.3f})"
    )


def _verdict(comparisons: Iterable[Comparison]) -> str:
    if _is_broken(comparisons):
        return "**no**"
    lower = [item.measure for item in comparisons if item.difference < -TOLERANCE]
    return f"yes ({' and '.join(lower)} lower, within chance)" if lower else "yes"


def _is_broken(comparisons: Iterable[Comparison]) -> bool:
    return any(comparison.breaks_the_rule for comparison in comparisons)


def _kinds(evaluations: Sequence[Evaluation]) -> str:
    columns = [MEASURES.index(measure) for measure in _SLICED]
    rows = [
        (
            item.name,
            kind,
            item.kinds.count(kind),
            *(_digits(item.means(name, kind)[columns]) for name in _RANKINGS),
        )
        for item in evaluations
        for kind in _several_kinds(item)
    ]
    return table(("set", "kind", "queries", *_RANKINGS), rows)


def _threshold(evaluations: Sequence[Evaluation]) -> str:
    head = ("set", "precision", "recall", "results a query", "queries without any")
    rows = []
    for item in evaluations:
        found = item.at_threshold(BALANCE_POINT)
        shares = _digits([found.precision, found.recall]).split()
        rows.append((item.name, *shares, f"{found.per_query:.1f}", f"{found.nothing:.0%}"))
    return table(head, rows)


def _several_kinds(evaluation: Evaluation) -> list[str]:
    counts = Counter(evaluation.kinds)
    kinds = [kind for kind, count in counts.items() if count >= _MIN_QUERIES_OF_KIND]
    return kinds if len(counts) > 1 else []


def context_table(shares: Mapping[str, Sequence[float]]) -> str:
    """Return the table of the shares of answers in contexts, by set."""
    head = ("set", *(f"{budget:,} tokens" for budget in BUDGETS))
    return table(head, [(name, *_digits(values).split()) for name, values in shares.items()])


def languages_table(evaluations: Sequence[tuple[Evaluation, Evaluation]]) -> str:
    """Return the table of sets in other languages, by the default and the multilingual embedder."""
    head = ("set", "kind", "queries", SEARCH, "multilingual search", "… cosine", BASELINES[-1])
    columns = [MEASURES.index(measure) for measure in _SLICED]
    rows = [
        (
            item.name,
            kind or "all",
            item.kinds.count(kind) if kind else len(item.kinds),
            _digits(item.means(SEARCH, kind)[columns]),
            _digits(other.means(SEARCH, kind)[columns]),
            _digits(other.means(BASELINES[0], kind)[columns]),
            _digits(item.means(BASELINES[-1], kind)[columns]),
        )
        for item, other in evaluations
        for kind in (*_several_kinds(item), None)
    ]
    return table(head, rows)


def _digits(values: Iterable[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)
