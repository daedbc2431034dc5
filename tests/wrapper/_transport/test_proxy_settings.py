"""Which proxy applies: the forms that the variables have in other programs."""

from __future__ import annotations

import urllib.request

import pytest

from memoryos._transport.no_proxy import is_exempt
from memoryos._transport.proxies import ProxyError, proxy_for

PROXY = "http://proxy.test:3128"
BASE = "http://api.test:8080/v1"


@pytest.mark.parametrize(
    ("no_proxy", "host"),
    [
        ("*", "api.test"),
        ("other.test, *", "10.1.2.3"),
        ("api.test", "api.test"),
        ("API.Test", "api.test"),
        ("api.test", "API.TEST"),
        ("test", "api.test"),
        (".api.test", "api.test"),
        (".api.test", "eu.api.test"),
        ("*.api.test", "eu.api.test"),
        ("api.test", "eu.api.test"),
        ("api.test.", "api.test"),
        ("api.test", "api.test."),
        ("api.test:8080", "api.test"),
        ("*:8080", "api.test"),
        ("http://api.test", "api.test"),
        ("all://api.test:8080", "api.test"),
        (" , other.test ,, api.test ", "api.test"),
        ("other.test api.test", "api.test"),
        ("localhost,127.0.0.0/8,::1/128", "localhost"),
        ("localhost,127.0.0.0/8,::1/128", "127.8.9.1"),
        ("localhost,127.0.0.0/8,::1/128", "::1"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:8080", "10.1.2.3"),
        ("10.9.9.9/8", "10.1.2.3"),
        ("10.0.0.0/8:8080", "10.1.2.3"),
        ("0.0.0.0/0", "10.1.2.3"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::1]:8080", "::1"),
        ("[fd00::]/8", "fd12::3"),
        ("[fd00::/8]:8080", "fd12::3"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::/10", "fe80::1%eth0"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("bücher.test", "xn--bcher-kva.test"),
        (".BÜCHER.test", "www.xn--bcher-kva.test"),
        ("xn--bcher-kva.test", "xn--bcher-kva.test"),
    ],
)
def test_a_host_is_exempt(no_proxy, host):
    """By name, address or network, with or without a port."""
    assert is_exempt(host, 8080, "http", no_proxy)


@pytest.mark.parametrize(
    ("no_proxy", "host"),
    [
        ("", "api.test"),
        (" , ", "api.test"),
        (".", "api.test"),
        ("*.", "api.test"),
        ("pi.test", "api.test"),
        ("api.test", "api.test.evil"),
        ("api.test", "notapi.test"),
        ("eu.api.test", "api.test"),
        ("api.test:80", "api.test"),
        ("api.test:80800", "api.test"),
        ("https://api.test", "api.test"),
        ("127.0.0.0/8", "128.0.0.1"),
        ("127.0.0.0/8", "localhost"),
        ("127.0.0.0/99", "127.0.0.1"),
        ("127.0.0.0/x", "127.0.0.1"),
        ("0.0.1", "10.0.0.1"),
        ("::1/128", "::2"),
        ("[::1]:80", "::1"),
        ("[::1", "::1"),
        ("::/0", "10.1.2.3"),
        ("10.0.0.0/8", "fd00::1"),
        ("..", "api.test"),
        ("ü" * 300, "api.test"),
    ],
)
def test_a_host_is_not_exempt(no_proxy, host):
    """Nothing else is, and no form raises an error."""
    assert not is_exempt(host, 8080, "http", no_proxy)


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        ({"HTTP_PROXY": PROXY}, "HTTP_PROXY"),
        ({"http_proxy": PROXY}, "http_proxy"),
        ({"Http_Proxy": PROXY}, "Http_Proxy"),
        ({"ALL_PROXY": PROXY}, "ALL_PROXY"),
        ({"all_proxy": PROXY, "HTTPS_PROXY": "http://other.test"}, "all_proxy"),
        ({"http_proxy": PROXY, "HTTP_PROXY": "http://other.test"}, "http_proxy"),
        ({"HTTP_PROXY": "http://other.test", "http_proxy": PROXY}, "http_proxy"),
        ({"HTTP_PROXY": PROXY, "Http_Proxy": "http://other.test"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": PROXY, "ALL_PROXY": "http://other.test"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "other.test"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "api.test", "no_proxy": ""}, "HTTP_PROXY"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "api.test", "no_proxy": "x.test"}, "HTTP_PROXY"),
        ({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "http_proxy"),
        ({"HTTP_PROXY": f" {PROXY}\n"}, "HTTP_PROXY"),
    ],
)
def test_the_variable_that_applies(environ, source):
    """Lower case first, then the scheme's own."""
    found = proxy_for(BASE, environ, "linux")
    assert (found.source, found.url, found.address) == (source, PROXY, PROXY)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTPS_PROXY": PROXY},
        {"FTP_PROXY": PROXY, "PROXY": PROXY, "_PROXY": PROXY},
        {"HTTP_PROXY": ""},
        {"HTTP_PROXY": "  "},
        {"HTTP_PROXY": PROXY, "http_proxy": ""},
        {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"},
        {"HTTP_PROXY": PROXY, "NO_PROXY": "api.test"},
        {"HTTP_PROXY": PROXY, "no_proxy": "api.test", "NO_PROXY": "other.test"},
        {"HTTP_PROXY": "nonsense://", "NO_PROXY": "*"},
        {"NO_PROXY": "localhost,127.0.0.0/8,::1/128"},
    ],
)
def test_no_proxy_applies(environ):
    """None is named for this address, or it is exempt."""
    assert proxy_for(BASE, environ, "linux") is None


def test_the_scheme_and_its_default_port_count():
    """https has a variable and a port of its own."""
    environ = {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.test:80"}
    assert proxy_for("https://api.test/v1", environ, "linux").source == "HTTPS_PROXY"
    environ["NO_PROXY"] = "api.test:443"
    assert proxy_for("https://api.test/v1", environ, "linux") is None


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("proxy.test:3128", "http://proxy.test:3128"),
        ("proxy.test", "http://proxy.test"),
        ("http://me:s3cret@proxy.test:3128/", "http://proxy.test:3128"),
        ("me:s3cret@proxy.test", "http://proxy.test"),
        ("https://proxy.test", "https://proxy.test"),
        ("HTTP://Proxy.Test:1", "http://proxy.test:1"),
        ("socks5://me:s3cret@[::1]:1080", "socks5://[::1]:1080"),
        ("socks5h://proxy.test", "socks5h://proxy.test"),
    ],
)
def test_the_address_has_no_password(value, address):
    """It is what messages show."""
    found = proxy_for(BASE, {"HTTP_PROXY": value}, "linux")
    assert found.address == address
    assert "s3cret" not in repr(found) + found.description


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("http://me:s3cret@proxy.test:70000", "port"),
        ("http://me:s3@cret#@proxy.test", "encode"),
        ("http://me:s3@cret/@proxy.test", "encode"),
        ("http://proxy.test:65536", "port"),
        ("http://proxy.test:0", "port"),
        ("http://proxy.test:s3cret", "port"),
        ("http://me:s3cret", "port"),
        ("http://proxy.test:-1", "port"),
        ("http://:3128", "not the URL"),
        ("http://", "not the URL"),
        ("http://me:s3cret@", "not the URL"),
        ("http://me:s3cret@:80", "not the URL"),
        ("http://[::1:80", "not the URL"),
        ("http://a b:80", "not the URL"),
        ("http://me:s3cret@a\x00b", "not the URL"),
        ("://me:s3cret@proxy.test", "not the URL"),
        ("http://me:s3#cret@proxy.test:3128", "encode"),
        ("http://me:s3/cret@proxy.test:3128", "encode"),
        ("ftp://me:s3cret@proxy.test", "scheme ftp"),
        ("socks4://proxy.test", "scheme socks4"),
        ("nonsense://proxy.test", "scheme nonsense"),
        ("DIRECT; PROXY proxy.test", "not the URL"),
    ],
)
def test_a_bad_url_says_what_is_wrong_with_it(value, reason):
    """It names the variable, and shows nothing that may be a password."""
    with pytest.raises(ProxyError, match=reason) as raised:
        proxy_for(BASE, {"HTTP_PROXY": value}, "linux")
    assert "HTTP_PROXY" in str(raised.value)
    assert "s3" not in str(raised.value)
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_the_systems_settings_apply_where_no_variable_does(monkeypatch, platform):
    """As urllib reads them, with their exceptions."""
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"http": PROXY})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "near.test", False)
    found = proxy_for(BASE, {}, platform)
    assert (found.address, found.source) == (PROXY, "the system's settings")
    assert proxy_for("http://near.test/v1", {}, platform) is None
    assert proxy_for("https://api.test/v1", {}, platform) is None
    assert proxy_for(BASE, {"NO_PROXY": "x.test"}, platform) is None
    assert proxy_for(BASE, {}, "linux") is None
