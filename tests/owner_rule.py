"""The rule that keeps owners apart, checked on the text of a statement.

Every table except `SHARED_TABLES` belongs to owners. Wherever a statement refers to one, in each of
its subqueries too, it compares the table's `owner` with a parameter, or with the owner of another
table that is compared with one. A row that it inserts gets its owner from there as well.

The check is stricter than logic: an owner that follows only indirectly counts as missing.
"""

from __future__ import annotations

import logging
import re

from sqlglot import Dialect, TokenType, exp, parse_one
from sqlglot.errors import SqlglotError

SHARED_TABLES = {"settings", "keys"}
CATALOGS = {"pg_catalog", "information_schema"}
CATALOG_PREFIXES = ("pg_", "sqlite_", "pragma_")
# FTS5 tables have no owner; their terms begin with a hash of it (sqlite/full_text.py).
TERM_TABLES = {"sqlite": {"memory_words", "memory_word_positions"}, "postgres": set()}
# These define tables, or neither read nor write rows. Anything unknown is a violation.
UNCHECKED = {
    *("ALTER", "ANALYZE", "ATTACH", "CREATE", "DETACH", "DROP", "LOCK", "PRAGMA", "REINDEX"),
    *("BEGIN", "COMMIT", "RELEASE", "ROLLBACK", "SAVEPOINT", "SET", "SHOW", "VACUUM"),
}
WRITES = (exp.Insert, exp.Update, exp.Delete)
STATEMENTS = (exp.Select, exp.SetOperation, *WRITES)
SOURCES_WITHOUT_OWNER = (exp.Unnest, exp.Lateral, exp.Values)
# These read rows all the same.
_CREATE_AS = re.compile(
    r"\A\s*CREATE\b.*(\bSELECT\b|\bAS\s+(TABLE|EXECUTE)\b)", re.DOTALL | re.IGNORECASE
)
_EXPLAIN = re.compile(r"\A\s*EXPLAIN\s*(QUERY\s+PLAN|\([^)]*\))?", re.IGNORECASE)

# It warns of each statement of PostgreSQL's own, into the records that tests look at.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def violations(text, dialect):
    """Return what is wrong with a statement, or with several that are separated by semicolons.

    Args:
        text: the statement, with the placeholders of psycopg or of sqlite3.
        dialect: "postgres" or "sqlite".
    """
    checker = _Checker(TERM_TABLES[dialect])
    for statement in _split(text, dialect):
        if _CREATE_AS.match(statement):
            checker.found.append("create can't be checked: it reads rows")
        elif statement.split(None, 1)[0].upper() not in UNCHECKED:
            checker.check(statement, dialect)
    return list(dict.fromkeys(checker.found))


def _split(text, dialect):
    """Return the statements of a text."""
    tokens = Dialect.get_or_raise(dialect).tokenize(text) if ";" in text else []
    ends = [token.start for token in tokens if token.token_type is TokenType.SEMICOLON]
    parts = (text[start:end] for start, end in zip([0, *(end + 1 for end in ends)], [*ends, None]))
    return [part for part in parts if part.strip()]


class _Scope:
    """The tables that the conditions of one query are about, by alias.

    Args:
        outer: the scope of the query around this one, or None.

    Attributes:
        names: all of them.
        owned: those with a column `owner`.
        merged: those whose owner is the same column as that of a table before them (USING).
        bound: those whose owner is given.
    """

    def __init__(self, outer):
        self.outer = outer
        self.names = set()
        self.owned = set()
        self.merged = set()
        self.bound = set()

    def table_of(self, column):
        """Return the scope and the alias of the table that a column `owner` is of, or None."""
        alias = column.table
        if alias and alias in self.names:
            return (self, alias) if alias in self.owned else None
        if not alias and self.owned:
            candidates = self.owned - self.merged
            return (self, *candidates) if len(candidates) == 1 else None
        return self.outer.table_of(column) if self.outer else None

    def is_given(self, value):
        """Return whether a value is a parameter, or an owner that is given."""
        value = _unwrapped(value, exp.Paren, exp.Cast)
        if isinstance(value, (exp.Placeholder, exp.Parameter)):
            return True
        found = self.table_of(value) if _is_owner(value) else None
        return found is not None and found[1] in found[0].bound

    def bind(self, equalities):
        """Find the tables whose owner is given, by what is known of the others."""
        before = None
        while before != self.bound:
            before = set(self.bound)
            for column, value, optional in equalities:
                found = self.table_of(column) if _is_owner(column) else None
                if found and found[0] is self and optional in {None, found[1]}:
                    self.bound |= {found[1]} if self.is_given(value) else set()


class _Checker:
    """Collects the violations of one text in `found`.

    Args:
        term_tables: tables without an owner, whose terms contain it.
    """

    def __init__(self, term_tables):
        self.found = []
        self._term_tables = term_tables

    def check(self, text, dialect):
        """Check one statement."""
        # The parser doesn't know pgvector's `<#>`, and a clause about identity columns; psycopg
        # writes `%%` for `%`.
        text = _EXPLAIN.sub("", text).replace("<#>", "<->").replace("%%", "%")
        text = text.replace("OVERRIDING SYSTEM VALUE ", "")
        try:
            node = _statement(parse_one(text, dialect=dialect))
        except SqlglotError as error:
            self.found.append(f"unknown syntax: {str(error).splitlines()[0]}")
            return
        if isinstance(node, STATEMENTS):
            self._query(node, {}, None)
        elif isinstance(node, exp.Copy):
            self._copy(node)
        else:
            self.found.append(f"{node.key} can't be checked")

    def _query(self, node, named, outer, column="owner"):
        """Check a query and its subqueries; return whether one of its columns is a given owner.

        Args:
            node: the query.
            named: whether each query of a WITH clause around it returns a given owner.
            outer: the scope of the query around it.
            column: the column's name or position.
        """
        named = dict(named)
        for common in _parts(node, "with_"):
            named[common.alias] = self._query(_statement(common.this), named, outer)
        if isinstance(node, exp.SetOperation):
            sides = [self._query(each, named, outer, column) for each in _own(node, STATEMENTS)]
            return all(sides)
        scope = self._scope(node, named, outer)
        if isinstance(node, exp.Update):
            self._check_assignments(node.this, node.expressions)
        returned = _parts(node, "returning") if isinstance(node, WRITES) else node.expressions
        return _returns_owner(returned, scope, column)

    def _scope(self, node, named, outer):
        """Check the tables of a query, and its subqueries; return its scope."""
        scope = _Scope(outer)
        owned = self._add_tables(scope, node, named)
        nested = [(each, _source_alias(each)) for each in _own(node, STATEMENTS)]
        scope.names.update(alias for _, alias in nested if alias)
        equalities = [*_equalities(node), *_shared_columns(node, scope)]
        scope.bind(equalities)
        for source, alias in nested:
            if alias and self._query(source, named, scope):
                scope.owned.add(alias)
                scope.bound.add(alias)
        scope.bind(equalities)
        for alias, table in owned.items():
            if alias not in scope.bound:
                self.found.append(f"{table}: read or changed without its owner")
        if isinstance(node, exp.Insert):
            self._insert(node, named, scope)
        for subquery, alias in nested:
            if not alias and subquery is not _statement(node.args.get("expression")):
                self._query(subquery, named, scope)
        return scope

    def _add_tables(self, scope, node, named):
        """Add the tables of a query to its scope; return those whose owner must be given."""
        owned = {}
        scope.names.update(each.alias_or_name for each in _own(node, SOURCES_WITHOUT_OWNER))
        for table in _own(node, exp.Table):
            alias = table.alias_or_name
            scope.names.add(alias)
            is_given = table is _target(node) or (not table.db and named.get(table.name, False))
            if is_given:
                scope.owned.add(alias)
                scope.bound.add(alias)
            elif _called(table) in self._term_tables:
                if not _names_term(node, alias):
                    self.found.append(f"{_called(table)}: read without a term")
            elif _belongs_to_owners(table) and (table.db or table.name not in named):
                scope.owned.add(alias)
                owned[alias] = table.name
        return owned

    def _insert(self, node, named, scope):
        """Check that the rows that a statement inserts have a given owner."""
        table = _target(node)
        if table.name in self._term_tables or not _belongs_to_owners(table):
            if node.expression is not None and not isinstance(node.expression, exp.Values):
                self._query(_statement(node.expression), named, None)
            return
        self._check_conflict(table, node.args.get("conflict"))
        columns = [each.name for each in node.this.expressions]
        position = columns.index("owner") if "owner" in columns else 0
        if isinstance(node.expression, exp.Values):
            rows = node.expression.expressions
            is_given = all(scope.is_given(row.expressions[position]) for row in rows)
        elif node.expression is not None:
            is_given = self._query(_statement(node.expression), named, None, position)
        if "owner" not in columns or not is_given:
            self.found.append(f"{table.name}: rows inserted without a given owner")

    def _check_conflict(self, table, conflict):
        if conflict is None:
            return
        keys = [each.this.name for each in conflict.args.get("conflict_keys") or ()]
        updates = conflict.text("action") != "DO NOTHING"
        if "owner" not in keys and (keys or updates):
            self.found.append(f"{table.name}: ON CONFLICT without owner")
        self._check_assignments(table, conflict.expressions)

    def _check_assignments(self, table, assignments):
        names = [name for each in assignments for name in _flat(each.this)]
        if _belongs_to_owners(table) and any(map(_is_owner, names)):
            self.found.append(f"{table.name}: the owner of rows changed")

    def _copy(self, node):
        if isinstance(node.this, exp.Subquery):
            self._query(_statement(node.this), {}, None)
            return
        table = node.this.find(exp.Table)
        columns = [each.name for each in node.this.expressions]
        is_import = node.args["kind"]
        if _belongs_to_owners(table) and not (is_import and "owner" in columns):
            self.found.append(f"{table.name}: COPY without owner")


def _belongs_to_owners(table):
    is_catalog = table.db in CATALOGS or table.name.startswith(CATALOG_PREFIXES)
    is_function = not isinstance(table.this, exp.Identifier)
    return not (is_catalog or is_function or table.name in SHARED_TABLES)


def _called(table):
    """Return the name of a table, also of one that is written as a function of its terms."""
    return table.name or table.this.name


def _is_owner(node):
    return isinstance(node, exp.Column) and node.name.lower() == "owner"


def _unwrapped(node, *wrappers):
    while isinstance(node, wrappers):
        node = node.this
    return node


def _statement(node):
    """Return a subquery without the parentheses around it."""
    return _unwrapped(node, exp.Subquery)


def _flat(node):
    """Return the parts of a row value, or the one value."""
    node = _unwrapped(node, exp.Paren)
    return node.expressions if isinstance(node, exp.Tuple) else [node]


def _parts(node, name):
    part = node.args.get(name)
    return part.expressions if part else []


def _own(node, kinds):
    """Yield the parts of a query that are of these kinds, but none of those of its subqueries."""
    for part in node.iter_expressions():
        if isinstance(part, exp.With):
            continue
        if isinstance(part, kinds):
            yield part
        if not isinstance(part, STATEMENTS):
            yield from _own(part, kinds)


def _source_alias(statement):
    """Return the alias of a subquery that a query reads like a table, or None."""
    wrapper = statement.parent
    if not isinstance(wrapper, exp.Subquery):
        return None
    if isinstance(wrapper.parent, exp.Lateral):
        return wrapper.parent.alias_or_name
    is_source = isinstance(wrapper.parent, (exp.From, exp.Join, exp.Delete))
    return wrapper.alias_or_name if is_source and wrapper.arg_key != "on" else None


def _target(node):
    """Return the table that rows are inserted into, or None."""
    if not isinstance(node, exp.Insert):
        return None
    return node.this.this if isinstance(node.this, exp.Schema) else node.this


def _joins(node, name):
    """Yield each join with a clause of this name, the clause, and which table may lack a row."""
    for join in _own(node, exp.Join):
        if join.args.get(name) and join.side in {"", "LEFT"}:
            yield join, join.args[name], join.this.alias_or_name if join.side else None


def _conditions(node):
    """Yield the conditions of a query, and the only table whose rows each one selects, if so."""
    if node.args.get("where"):
        yield node.args["where"].this, None
    for _, condition, optional in _joins(node, "on"):
        yield condition, optional


def _conjuncts(node):
    node = _unwrapped(node, exp.Paren)
    if isinstance(node, exp.And):
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    return [node]


def _equalities(node):
    """Yield each pair of values that a query compares for equality, both ways round."""
    for condition, optional in _conditions(node):
        for part in _conjuncts(condition):
            if isinstance(part, exp.EQ):
                for left, right in zip(_flat(part.left), _flat(part.right)):
                    yield left, right, optional
                    yield right, left, optional


def _shared_columns(node, scope):
    """Yield the pairs of owners that USING compares; add its second tables to `scope.merged`."""
    start = node.args.get("from_")
    before = [start.this.alias_or_name] if start else []
    for join in _own(node, exp.Join):
        alias = join.this.alias_or_name
        using = [each.name for each in join.args.get("using") or ()]
        if "owner" in using and join.side in {"", "LEFT"}:
            first = next((each for each in before if each in scope.owned), None)
            scope.merged |= {alias} if first else set()
            pair = exp.column("owner", alias), exp.column("owner", first)
            yield (*pair, alias)
            if not join.side:
                yield (*reversed(pair), first)
        before.append(alias)


def _names_term(node, alias):
    """Return whether a query names the terms that it looks for in a table."""
    conditions = [part for each, _ in _conditions(node) for part in _conjuncts(each)]
    terms = [
        type(each)
        for each in conditions
        if isinstance(each.args.get("expression"), exp.Placeholder)
        and (each.this.name == "term" or isinstance(each, exp.Match))
        and each.this.text("table") in {"", alias}
    ]
    return exp.Match in terms or exp.EQ in terms or {exp.GTE, exp.LT} <= set(terms)


def _returns_owner(columns, scope, column):
    """Return whether the column with a name, or at a position, is a given owner."""
    if isinstance(column, int):
        chosen = columns[column : column + 1]
    else:
        chosen = [each for each in columns if each.alias_or_name == column or each.is_star]
    return any(map(scope.is_given, (_star_owner(each) for each in chosen)))


def _star_owner(value):
    """Return the column `owner` that a value is, or that `*` contains."""
    value = _unwrapped(value, exp.Alias)
    if value.is_star:
        return exp.column("owner", value.table if isinstance(value, exp.Column) else None)
    return value
