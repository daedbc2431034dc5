"""API keys over HTTP: what an admin key may make, see and revoke, on the real service."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.model.caller import Caller
from memoryos_server.model.permissions import PERMISSIONS
from memoryos_server.model.scope_tags import MAX_SCOPE_KEYS, scope_tag
from memoryos_server.model.timestamps import format_timestamp
from memoryos_server.service.api_keys import key_id
from memoryos_server.service.operations import open_service
from tests.server.conftest import Clock

both_stores = pytest.mark.both_stores
PLAIN = sorted(PERMISSIONS - {"*"})
OPERATIONS = (
    ("create_api_key", "POST", "", {"scopes": ["search:read"]}),
    ("list_api_keys", "GET", "", None),
    ("revoke_api_key", "DELETE", "/{id}", None),
)


class Admin:
    """Calls with one key; each response is checked against the contract."""

    def __init__(self, service, is_documented, key):
        self._dispatcher = Dispatcher(service)
        self._is_documented = is_documented
        self.key = key
        self.id = key_id(key)

    def call(self, operation, method, path, body=None, *, query=b"", headers=()):
        given = [(b"Authorization", f"Bearer {self.key}".encode()), *headers]
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        content = content if isinstance(content, bytes) else content.encode()
        answer = self._dispatcher.handle(method, f"/admin/keys{path}", query, given, content)
        response = httpx.Response(answer.status, headers=answer.headers, content=answer.body)
        self._is_documented(operation, response)
        return response

    def create(self, *, scopes=("admin",), **body):
        return self.call("create_api_key", "POST", "", {"scopes": scopes, **body})

    def page(self, query=b""):
        return self.call("list_api_keys", "GET", "", query=query)

    def revoke(self, key_id):
        return self.call("revoke_api_key", "DELETE", f"/{key_id}")

    def ids(self):
        return [key["id"] for key in self.page().json()["data"]]


@pytest.fixture
def service(start):
    return start()


@pytest.fixture
def new_admin(service, is_documented):
    """Make a key in the shell; by default an admin key of the default owner."""

    def make(*scopes, **options):
        key = service.create_key(scopes=scopes or PLAIN, **options)
        return Admin(service, is_documented, key)

    return make


@pytest.fixture
def as_key(service, is_documented):
    """Call with the key in a response."""
    return lambda response: Admin(service, is_documented, response.json()["data"]["api_key"])


def error(response):
    return response.status_code, response.json()["error"]["message"]


@both_stores
def test_a_key_is_made_with_what_was_asked_for(service, new_admin, clock):
    end = format_timestamp(clock() + timedelta(days=90))
    made = new_admin().create(
        scopes=["search:read", "memories:write", "search:read"],
        name="chat service",
        tags={"user": "Ada Ökafor", "team": "a:b"},
        expires_at=end,
    )
    data = made.json()["data"]
    assert (made.status_code, data.pop("id")) == (200, key_id(data["api_key"]))
    caller = service.authenticate(data.pop("api_key"))
    assert caller.owner == "default"
    assert caller.permissions == {"search:read", "memories:write"}
    assert caller.scope_tags == ("team:a%3ab", "user:%41da%20%c3%96kafor")
    assert caller.expires_at == clock() + timedelta(days=90)
    assert data == {
        "owner": "default",
        "name": "chat service",
        "scopes": ["search:read", "memories:write"],
        "tags": {"user": "Ada Ökafor", "team": "a:b"},
        "state": "valid",
        "created_at": format_timestamp(clock()),
        "expires_at": end,
        "revoked_at": None,
    }
    clock.advance(days=90)
    assert service.authenticate(made.json()["data"]["api_key"]) is None


@pytest.mark.parametrize(("operation", "method", "path", "body"), OPERATIONS)
def test_each_operation_needs_the_permission_admin(new_admin, operation, method, path, body):
    other = new_admin("search:read")
    key = new_admin("memories:read", "memories:write", "search:read")
    response = key.call(operation, method, path.replace("{id}", other.id), body)
    assert error(response) == (403, "Missing scope: admin")
    alone = new_admin("admin", "search:read")
    assert alone.call(operation, method, path.replace("{id}", other.id), body).status_code == 200


@pytest.mark.parametrize("given", sorted(PERMISSIONS))
@pytest.mark.parametrize("own", [("admin",), ("admin", "memories:read"), tuple(PLAIN), ("*",)])
def test_a_key_gives_no_permission_that_it_lacks(new_admin, given, own):
    """An admin key with every single permission can't give `*` either."""
    admin = new_admin(*own)
    response = admin.create(scopes=["admin", given])
    if given in own or own == ("*",):
        assert response.json()["data"]["scopes"] == list(dict.fromkeys(["admin", given]))
    else:
        assert error(response) == (403, f"An API key can't give scopes that it lacks: {given}")
        assert admin.ids() == [admin.id]


def test_a_key_names_no_owner(service, new_admin):
    """In no field and no header; its own owner is that of every key that it makes and sees."""
    ada, eve = new_admin(owner="ada"), new_admin("*", owner="eve")
    assert error(eve.create(owner="ada"))[1] == "body.owner: is not a known field"
    headers = [(b"X-Owner", b"ada"), (b"Idempotency-Key", b"ada")]
    body = {"scopes": ["search:read"]}
    made = eve.call("create_api_key", "POST", "", body, query=b"owner=ada", headers=headers)
    assert made.json()["data"]["owner"] == "eve"
    assert eve.page(b"owner=ada").json()["meta"]["total"] == 2
    assert ada.ids() == [ada.id]
    assert error(eve.revoke(ada.id)) == (404, "API key not found")
    assert service.authenticate(ada.key) is not None


TAGGED = {"user": "ada", "team": "red"}


@pytest.mark.parametrize(
    "tags", [{}, {"user": "ada"}, {"team": "red", "user": "ada"}, {"agent": "x"}, {"User": "bob"}]
)
def test_a_key_keeps_its_tags_in_every_key_that_it_makes(service, new_admin, tags):
    made = new_admin(scope=TAGGED).create(tags=tags).json()["data"]
    assert made["tags"] == {**tags, **TAGGED}
    assert set(service.authenticate(made["api_key"]).scope_tags) > {"user:ada"}


@pytest.mark.parametrize(
    "value", ["bob", "Ada", "ada ", "\uff41da", "%61da", "ada\x00", "*", "ada,bob", "%41da"]
)
def test_a_key_gives_no_other_value_for_one_of_its_tags(new_admin, value):
    """However it is written: in other case, other forms of Unicode, or encoded."""
    admin = new_admin(scope=TAGGED)
    response = admin.create(tags={"user": value})
    message = "The API key that is used has another value for the tag user"
    assert error(response) == (403, message)
    assert admin.ids() == [admin.id]


@pytest.mark.parametrize("key", ["User", "user ", "\uff55ser", "us%65r", "user:ada", "%75ser"])
def test_another_name_of_a_tag_widens_nothing(service, user_of, new_admin, key):
    """The key has it besides its own tags, so that it reaches no memory that they don't allow."""
    service_user = user_of(service)
    service_user.create("of bob", tags=["user:bob", f"{key}:bob"])
    admin = new_admin("*", scope={"user": "ada"})
    made = admin.create(scopes=["*"], tags={key: "bob"}).json()["data"]
    caller = service.authenticate(made["api_key"])
    assert "user:ada" in caller.scope_tags
    service_user.caller = caller
    assert service_user.list() == []
    assert made["tags"] == {key: "bob", "user": "ada"}


def test_the_tags_of_a_listed_key_make_the_same_tags_again(service, new_admin):
    """Except for a value that only its hash is left of, which is refused."""
    admin = new_admin()
    short = {"user": "Zoë/ß %41 ~", "run": "a:b", "~": "~x"}
    first = admin.create(tags=short).json()["data"]
    again = admin.create(tags=first["tags"]).json()["data"]
    tags = {service.authenticate(key["api_key"]).scope_tags for key in (first, again)}
    assert (len(tags), first["tags"]) == (1, short)
    long = admin.create(tags={"user": "x" * 100}).json()["data"]["tags"]
    assert long["user"].startswith("~")
    response = admin.create(tags=long)
    message = "body.tags: a value is a hash; give the value that it stands for"
    assert error(response) == (400, message)


def test_a_key_has_at_most_eight_tags_with_those_of_its_maker(new_admin):
    admin = new_admin(scope=TAGGED)
    six = {f"k{number}": "v" for number in range(6)}
    assert admin.create(tags=six).status_code == 200
    response = admin.create(tags={**six, "k6": "v"})
    assert error(response) == (400, "body.tags: a key has tags with at most 8 keys")


def test_a_key_ends_with_its_maker_at_the_latest(new_admin, clock):
    end = clock() + timedelta(hours=3)
    admin = new_admin(expires_at=end)
    shown = format_timestamp(end)
    assert admin.create().json()["data"]["expires_at"] == shown
    for text in (shown, "2026-11-22T15:00:00+02:00", "2026-11-22T13:00:00Z"):
        assert admin.create(expires_at=text).json()["data"]["expires_at"] == shown
    message = f"expires_at must not be after the end of the API key that is used, {shown}"
    for text in (
        "2026-11-22T13:00:00.000001Z",
        "2026-11-22T13:00:00.0000001Z",
        "2026-11-22T12:30:00-01:00",
        "9999-12-31T23:59:59Z",
    ):
        assert error(admin.create(expires_at=text)) == (403, message)


def test_a_key_without_an_end_makes_keys_with_any(new_admin):
    admin = new_admin()
    assert admin.create().json()["data"]["expires_at"] is None
    end = "9999-12-31T23:59:59.000000Z"
    assert admin.create(expires_at=end).json()["data"]["expires_at"] == end


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "never", 4102444800, "2026-11-23T10:00:00", "2026-13-01T00:00:00Z"),
        *("2026-11-22T10:00:00Z", "2026-11-22T10:59:59+01:00"),
        *("9999-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_an_end_that_is_past_or_no_time_is_refused(new_admin, text):
    admin = new_admin()
    status, message = error(admin.create(expires_at=text))
    assert (status, message.startswith("body.expires_at: ")) == (400, True)
    assert admin.ids() == [admin.id]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("name", f"a{character}b") for character in "\0\n\x1b\x7f\x9b\u202e\u2028\u2066"],
        *[("name", value) for value in ("", "x" * 201, 7, None, ["x"])],
        *[("scopes", value) for value in ([], ["root"], "*", None, ["*", 7], ["admin"] * 6)],
        *[("tags", value) for value in ({"": "x"}, {"k": ""}, {"k": 1}, {"k": None}, ["user:ada"])],
        *[("tags", value) for value in ({"x" * 100: "v"}, {"k": "v" * 5000}, None)],
        ("api_key", "mos_test_of_mine"),
        ("id", "000000000000"),
        ("revoked_at", None),
    ],
)
def test_what_is_no_key_is_refused_with_the_field(new_admin, field, value):
    admin = new_admin()
    status, message = error(admin.create(**{"scopes": ["admin"], field: value}))
    assert (status, message.startswith(f"body.{field}")) == (400, True)
    assert admin.ids() == [admin.id]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"scopes": ["search:read"], "scopes": ["*"]}', ()),
        (b'{"scopes": ["search:read"], "name": "\\ud800"}', ()),
        (b'{"scopes": ["search:read"]', ()),
        (b"\xff", ()),
        (b"", ()),
        (b"[" * 200_000, ()),
        (b'{"scopes": ["search:read"]}', [(b"Content-Type", b"text/plain")]),
        (b"scopes=*", [(b"Content-Type", b"application/x-www-form-urlencoded")]),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(new_admin, body, headers):
    admin = new_admin("*")
    assert admin.call("create_api_key", "POST", "", body, headers=headers).status_code == 400
    assert admin.ids() == [admin.id]


@both_stores
def test_a_key_lists_those_of_its_owner_that_have_its_tags(service, new_admin):
    """Revoked and expired ones too, and nothing by which one could be used."""
    admin = new_admin()
    ada = new_admin(scope={"user": "ada"})
    both = new_admin(scope={"user": "ada", "team": "red"})
    new_admin(scope={"user": "bob"})
    new_admin(scope={"user": "ada"}, owner="other")
    assert len(admin.ids()) == 4
    assert set(ada.ids()) == {ada.id, both.id}
    assert both.ids() == [both.id]
    text = admin.page().text
    for record in service.list_keys():
        assert record.hash not in text
    assert "api_key" not in text


@both_stores
def test_a_list_has_pages(new_admin, clock):
    admin = new_admin()
    for number in range(4):
        clock.advance(seconds=1)
        admin.create(name=f"n{number}")
    page = admin.page(b"limit=2&offset=3").json()
    assert [key["name"] for key in page["data"]] == ["n2", "n3"]
    meta = {name: value for name, value in page["meta"].items() if name != "request_id"}
    assert meta == {"total": 5, "limit": 2, "offset": 3, "has_more": False}
    assert admin.page(b"limit=2").json()["meta"]["has_more"] is True
    for query in (b"limit=0", b"limit=101", b"offset=-1", b"limit=x"):
        assert admin.page(query).status_code == 400
    assert admin.page(b"offset=99999999999999999999").json()["data"] == []


@both_stores
def test_a_revoked_key_is_not_accepted_and_revoking_it_again_changes_nothing(
    service, new_admin, as_key, clock
):
    admin = new_admin()
    clock.advance(seconds=1)
    made = as_key(admin.create())
    first = admin.revoke(made.id).json()["data"]
    assert (first["state"], first["revoked_at"]) == ("revoked", format_timestamp(clock()))
    assert service.authenticate(made.key) is None
    assert error(made.page()) == (401, "Invalid API key")
    clock.advance(hours=1)
    assert admin.revoke(made.id).json()["data"] == first
    assert [key["state"] for key in admin.page().json()["data"]] == ["valid", "revoked"]


@both_stores
def test_a_key_that_its_maker_can_not_see_is_like_none(service, new_admin):
    """Same status and words; nor can the key that is looked for be half an id, or a key."""
    ada = new_admin(scope={"user": "ada"})
    bob = new_admin(scope={"user": "bob"})
    other = new_admin(owner="other")
    unlimited = new_admin()
    ids = [bob.id, other.id, unlimited.id, "0" * 12, ada.id[:-1], ada.id.upper() + "x", "%", "_"]
    ids += [ada.key, "%00", "%2e%2e", ada.id + "%20", service.list_keys()[0].hash, "'or'1'='1"]
    for wrong in ids:
        assert error(ada.revoke(wrong)) == (404, "API key not found"), wrong
    assert all(record.revoked_at is None for record in service.list_keys())


@both_stores
def test_a_key_revokes_none_that_can_do_more(service, new_admin):
    admin = new_admin("admin", "search:read")
    more = new_admin("memories:write")
    everything = new_admin("*")
    for key, lacking in ((more, "memories:write"), (everything, "*")):
        message = f"An API key can't revoke scopes that it lacks: {lacking}"
        assert error(admin.revoke(key.id)) == (403, message)
        assert service.authenticate(key.key) is not None
    assert everything.revoke(more.id).status_code == 200


def test_a_key_may_revoke_itself(new_admin):
    admin = new_admin()
    assert admin.revoke(admin.id).json()["data"]["state"] == "revoked"
    assert error(admin.page()) == (401, "Invalid API key")


@both_stores
def test_a_request_that_was_admitted_makes_no_key_once_its_own_is_revoked(service, new_admin):
    """While its body arrived, say: the key that it made is revoked with it, and not told."""
    for end in ("revoked", "expired"):
        admin = new_admin(expires_at=service._keys._clock() + timedelta(hours=1))
        caller = service.authenticate(admin.key)
        if end == "revoked":
            service.revoke_key(admin.id)
        else:
            service._keys._clock.advance(hours=1)
        answer = admin._dispatcher.handle(
            "POST", "/admin/keys", b"", [], b'{"scopes": ["admin"]}', caller=caller
        )
        response = httpx.Response(answer.status, headers=answer.headers, content=answer.body)
        assert error(response) == (401, "Invalid API key")
        assert response.headers["www-authenticate"].endswith('error="invalid_token"')
        assert not any(record.is_valid(service._keys._clock()) for record in service.list_keys())


def test_each_request_makes_a_key_also_a_repeated_one(new_admin):
    """Nothing is remembered of a request, since the response holds the key."""
    admin = new_admin()
    body = {"scopes": ["search:read"], "name": "same"}
    headers = [(b"Idempotency-Key", b"once")]
    keys = {
        admin.call("create_api_key", "POST", "", body, headers=headers).json()["data"]["api_key"]
        for _ in range(2)
    }
    assert len(keys) == 2
    assert len(admin.ids()) == 3


@both_stores
def test_many_are_made_at_once(service, new_admin):
    admin = new_admin()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: admin.create(name=str(number)), range(16)))
    assert len({response.json()["data"]["id"] for response in made}) == 16
    assert len(admin.ids()) == 17
    assert all(service.authenticate(response.json()["data"]["api_key"]) for response in made)


def test_a_response_is_not_stored_by_caches(new_admin):
    assert new_admin().create().headers["cache-control"] == "no-store"


def test_the_log_has_both_ids_and_never_a_key(new_admin, caplog):
    caplog.set_level(logging.DEBUG)
    admin = new_admin()
    made = admin.create(name="secret name").json()["data"]
    for _ in range(2):
        admin.revoke(made["id"])
    lines = [record.getMessage() for record in caplog.records if "API key" in record.getMessage()]
    assert lines == [
        f"API key {made['id']} created by API key {admin.id}",
        f"API key {made['id']} revoked by API key {admin.id}",
    ]
    for secret in (made["api_key"], admin.key, "secret name"):
        assert secret not in caplog.text


@both_stores
def test_a_chain_of_keys_never_gains_anything(service, new_admin, as_key, clock):
    """Each makes the next; what one lacks, none after it has."""
    end = clock() + timedelta(days=1)
    key = new_admin("admin", "search:read", scope={"user": "ada"}, expires_at=end)
    for number in range(3):
        assert key.create(scopes=["*"]).status_code == 403
        assert key.create(tags={"user": "bob"}).status_code == 403
        key = as_key(key.create(scopes=["admin", "search:read"], tags={f"t{number}": "x"}))
        caller = service.authenticate(key.key)
        assert caller.permissions == {"admin", "search:read"}
        assert {"user:ada", f"t{number}:x"} <= set(caller.scope_tags)
        assert caller.expires_at == end


def test_a_call_within_the_process_makes_keys_too(service, is_documented, caplog):
    """It has no key that could have been revoked; the log says so."""
    caplog.set_level(logging.INFO)
    caller = Caller("default", frozenset({"*"}))
    body = b'{"scopes": ["*"]}'
    answer = Dispatcher(service).handle("POST", "/admin/keys", b"", [], body, caller=caller)
    made = json.loads(answer.body)["data"]
    assert service.authenticate(made["api_key"]).permissions == {"*"}
    assert f"API key {made['id']} created by a call within the process" in caplog.messages


HOURS = st.integers(-2, 40)
SCOPES = st.lists(st.sampled_from(sorted(PERMISSIONS)), min_size=1, max_size=5, unique=True)
TAG_TEXTS = st.sampled_from(
    ["user", "User", "team", "ada", "bob", "%41da", "~", "a:b", "\uff55ser"]
)
TAGS = st.dictionaries(TAG_TEXTS, TAG_TEXTS, max_size=5)


@pytest.fixture(scope="module")
def shared():
    clock = Clock()
    with closing(open_service(":memory:", embedder=None, clock=clock)) as service:
        yield service, clock


@given(
    own=SCOPES, own_tags=TAGS, own_hours=st.none() | HOURS,
    scopes=SCOPES, tags=st.none() | TAGS, hours=st.none() | HOURS,
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_request_gains_anything(shared, own, own_tags, own_hours, scopes, tags, hours):
    """A key that is made has nothing that its maker lacks; what is allowed is not refused."""
    service, clock = shared
    after = lambda count: None if count is None else clock() + timedelta(hours=count)  # noqa: E731
    maker = service.create_key(
        owner="maker", scopes=["admin", *own], scope=own_tags, expires_at=after(own_hours)
    )
    caller = service.authenticate(maker)
    body = {"scopes": scopes}
    body |= {} if tags is None else {"tags": tags}
    body |= {} if hours is None else {"expires_at": format_timestamp(after(hours))}
    headers = [(b"Authorization", f"Bearer {maker}".encode())]
    content = json.dumps(body).encode()
    answer = Dispatcher(service).handle("POST", "/admin/keys", b"", headers, content)
    if caller is None:
        assert (answer.status, own_hours <= 0) == (401, True)
        return
    merged = {**(tags or {}), **own_tags}
    allowed = (
        ("*" in own or set(scopes) <= {"admin", *own})
        and merged == {**own_tags, **(tags or {})}
        and (hours is None or (hours > 0 and (own_hours is None or hours <= own_hours)))
        and len(merged) <= MAX_SCOPE_KEYS
    )
    assert allowed == (answer.status == 200), answer.body
    if allowed:
        made = service.authenticate(json.loads(answer.body)["data"]["api_key"])
        assert made.owner == "maker"
        assert made.permissions == set(scopes)
        assert set(made.scope_tags) == {scope_tag(*item) for item in merged.items()}
        assert set(caller.scope_tags) <= set(made.scope_tags)
        assert made.expires_at == after(own_hours if hours is None else hours)
