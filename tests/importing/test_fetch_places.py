"""Places that must not be reached, however they are spelled, resolved or changed under way; and TLS."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from onebook.errors import InvalidInput, RemoteFailed
from onebook.importing.connect import Resolver
from onebook.importing.fetch import Terms, fetch
from tests.importing.web import CSV, LIMIT, UNREACHABLE, Server, bytes_of, serving

NO_WEB_URLS = (
    "",
    "people.csv",
    "//example.com/people.csv",
    "ftp://example.com/people.csv",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "http://",
    "http:///people.csv",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://example.com@127.0.0.1/",
    "http://@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.evil.example/",
    "http://exam ple.com/",
    "http://example.com/a b",
    "http://example.com/\r\nHost: x",
    "http://example.com/\tx",
    "http://example.com\x00.evil.example/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:x/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://-example.com/",
    "http://example..com/",
    "http://" + "a." * 200 + "com/",
    "http://example.com/" + "x" * 9000,
    "http://xn--\u00ff.com/",
    "http://%31%32%37.0.0.1/",
)
# Spellings of loopback, as one resolver or another takes them.
HOSTS = (
    "127.0.0.1",
    "127.1",
    "0",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "localhost",
    "LOCALHOST",
    "localhost.",
)


@pytest.mark.parametrize("url", NO_WEB_URLS)
def test_no_web_url_is_an_issue(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fetch(url, Terms(allow=frozenset(), limit_bytes=LIMIT, field="csv_url", resolver=never))
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "url")]


def never(host: str, port: int) -> list[str]:
    raise AssertionError(host)


@pytest.mark.parametrize("host", HOSTS)
def test_loopback_in_any_spelling_is_unreachable(server: Server, host: str) -> None:
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        fetch(f"http://{host}:{server.port}/people.csv", Terms(allow=frozenset(), limit_bytes=LIMIT, field="csv_url"))
    assert server.seen == []


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["93.184.215.14", "::ffff:127.0.0.1"],
        ["93.184.215.14"] * 20 + ["10.0.0.1"],
        ["fe80::1%lo"],
        ["nonsense"],
    ],
)
def test_name_with_any_forbidden_address_is_unreachable(
    server: Server, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", no_connection)
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_by_name(server, lambda host, port: addresses)


def no_connection(*_: object) -> None:
    raise AssertionError("connected")


def get_by_name(server: Server, resolver: Resolver, allow: frozenset[str] = frozenset()) -> bytes:
    url = f"http://people.example:{server.port}/people.csv"
    terms = Terms(allow=allow, limit_bytes=LIMIT, field="csv_url", resolver=resolver, timeout_seconds=5)
    return bytes_of(fetch(url, terms))


def test_name_is_looked_up_once_and_the_judged_address_connected(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    connected: list[object] = []

    def turning(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["93.184.215.14"] if len(looked_up) == 1 else ["127.0.0.1"]

    def connect(_: socket.socket, address: object) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_by_name(server, turning)
    assert (looked_up, connected) == (["people.example"], [("93.184.215.14", server.port)])


def test_other_end_is_judged_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def elsewhere(self: socket.socket, address: tuple[str, int]) -> None:
        real(self, ("127.0.0.1", address[1]))

    monkeypatch.setattr(socket.socket, "connect", elsewhere)
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_by_name(server, lambda host, port: ["93.184.215.14"])
    assert server.seen == []


def test_allowed_name_may_be_anywhere(server: Server) -> None:
    allow = frozenset({f"people.example:{server.port}"})
    assert get_by_name(server, lambda host, port: ["127.0.0.1"], allow) == CSV


def test_second_address_gets_its_turn(server: Server) -> None:
    allow = frozenset({f"people.example:{server.port}"})
    assert get_by_name(server, lambda host, port: ["127.0.0.2" if port == 1 else "::1", "127.0.0.1"], allow) == CSV


@pytest.mark.parametrize("allow", ["people.example:1", "example:80", "people.example", "127.0.0.1:1", "*"])
def test_allowing_one_place_allows_no_other(server: Server, allow: str) -> None:
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_by_name(server, lambda host, port: ["127.0.0.1"], frozenset({allow}))


def test_closed_forbidden_and_unknown_places_sound_the_same() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{closed.getsockname()[1]}"
    said = set()
    for url in (f"http://{place}/", "http://10.0.0.1/", "http://no-such-name.invalid/", "https://[::1]:9/"):
        with pytest.raises(RemoteFailed) as caught:
            fetch(url, Terms(allow=frozenset({place}), limit_bytes=LIMIT, field="csv_url", timeout_seconds=5))
        said.add((str(caught.value), caught.value.remote, caught.value.retryable, caught.value.__cause__))
    assert said == {(UNREACHABLE, "web address", True, None)}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of people.example, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "people.example")])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("people.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    signed = builder.sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "people.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path


@pytest.fixture(scope="module")
def secure_port(certificate: Path) -> Iterator[int]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(tls) as server:
        yield server.port


def get_secure(host: str, port: int, tls: ssl.SSLContext | None) -> bytes:
    terms = Terms(
        allow=frozenset({f"{host}:{port}"}),
        limit_bytes=LIMIT,
        field="csv_url",
        resolver=lambda host, port: ["127.0.0.1"],
        timeout_seconds=5,
        tls=tls,
    )
    return bytes_of(fetch(f"https://{host}:{port}/people.csv", terms))


def test_secure_file_comes_from_the_judged_address_under_its_name(certificate: Path, secure_port: int) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert get_secure("people.example", secure_port, trusting) == CSV


def test_certificate_of_another_name_is_refused(certificate: Path, secure_port: int) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_secure("other.example", secure_port, trusting)


def test_certificate_that_nobody_vouches_for_is_refused(secure_port: int) -> None:
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        get_secure("people.example", secure_port, None)
