"""Where secrets may be sent."""

from __future__ import annotations

import pytest

from notigate.plugin import is_endpoint, is_loopback, is_secure


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known_by_its_names(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.com", "127.0.0.1.example.com", "192.168.1.1", "10.0.0.1", "127", "::2"]
)
def test_what_only_looks_like_this_machine_is_not(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/a?b=c",
        "http://127.0.0.1:8000/send?key=k",
        "http://[::1]:1/",
    ],
)
def test_https_and_this_machine_are_secure(url):
    assert is_secure(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com", "http://127.0.0.1.example.com", "http://localhost@api.example.com", "ftp://localhost",
        "//localhost", "https://", "https:api.example.com", "https://[::1", "https://host:port", "", "api.example.com",
    ],
)  # fmt: skip
def test_anything_else_is_not(url):
    assert not is_secure(url)
    assert not is_endpoint(url)


@pytest.mark.parametrize("tail", ["/path", "?a=b", "#part"])
def test_an_endpoint_has_nothing_behind_its_host(tail):
    assert is_endpoint("https://api.example.com:8443")
    assert is_endpoint("https://api.example.com/")
    assert not is_endpoint(f"https://api.example.com{tail}")


def test_an_endpoint_holds_no_login():
    assert not is_endpoint("https://user:password@api.example.com")
