"""The examples of docs/proxy as they stand, run by Debian's Caddy and nginx in front of a real Besyv: visitors are told
apart, cookies are safe, half-sent and oversized requests are ended, and no address is written down."""

from __future__ import annotations

import http.client
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.patience import PATIENCE
from tests.support.served import NO_SERVER, serving

pytestmark = pytest.mark.process
EXAMPLES = Path(__file__).parents[1] / "docs" / "proxy"
HOST = "besyv.din-kommune.dk"
ANNA, BO, GUESSES = "127.0.0.2", "127.0.0.3", "127.0.0.4"  # addresses of this machine that visitors come from


@dataclass(slots=True)
class Front:
    """A web server in front of Besyv."""

    folder: Path  # where it may write
    upstream: int
    plain: int
    tls: int
    certificate: Path
    key: Path
    besyv: subprocess.Popen[bytes] | None = None

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        visitor: str = ANNA,
        host: str = HOST,
    ) -> tuple[int, dict[str, list[str]], str]:
        """Status, headers by their small names, body."""
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.connected(visitor)
        try:
            with suppress(
                BrokenPipeError, ConnectionResetError, ssl.SSLEOFError
            ):  # it said no before it had read everything
                connection.request(method, path, body or None, {"Host": host, **(headers or {})})
            response = connection.getresponse()
            return response.status, _by_name(response), response.read().decode(errors="replace")
        finally:
            connection.close()

    def connected(self, visitor: str = ANNA) -> ssl.SSLSocket:
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection(("127.0.0.1", self.tls), PATIENCE, (visitor, 0))
        return trusted.wrap_socket(plain, server_hostname=HOST)

    def ask_plainly(self, path: str) -> tuple[int, str | None]:
        """Over http: status, and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Host": HOST})
            response = connection.getresponse()
            return response.status, response.getheader("Location")
        finally:
            connection.close()

    def logged(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))


def _by_name(response: http.client.HTTPResponse) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        found.setdefault(name.lower(), []).append(value)
    return found


def _replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Only what a machine's own ports and paths are; each of them stands there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _caddy(front: Front) -> list[str]:
    text = _replaced(
        (EXAMPLES / "Caddyfile").read_text(),
        ("{\n\t# Addresses", f"{{\n\tadmin off\n\thttp_port {front.plain}\n\thttps_port {front.tls}\n\t# Addresses"),
        (f"{HOST} {{\n", f"{HOST} {{\n\ttls {front.certificate} {front.key}\n"),
        ("127.0.0.1:8080", f"127.0.0.1:{front.upstream}"),
        ("/var/log/caddy/besyv.log", str(front.folder / "besyv.log")),
        ("read_header 15s", "read_header 1s"),
    )
    (front.folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(front.folder / "Caddyfile")]


def _nginx(front: Front) -> list[str]:
    text = _replaced(
        (EXAMPLES / "nginx.conf").read_text(),
        ("listen 80", f"listen 127.0.0.1:{front.plain}"),
        ("listen 443", f"listen 127.0.0.1:{front.tls}"),
        ("127.0.0.1:8080", f"127.0.0.1:{front.upstream}"),
        ("/etc/ssl/besyv.pem", str(front.certificate)),
        ("/etc/ssl/besyv.key", str(front.key)),
        ("/var/log/nginx/", f"{front.folder}/"),
        ("client_header_timeout 15s", "client_header_timeout 1s"),
    )
    text = re.sub(r"\n +listen \[::\].*", "", text)  # not every machine has IPv6
    (front.folder / "besyv.conf").write_text(text)
    (front.folder / "temporary").mkdir()
    whole = f"""
        user root; pid {front.folder}/nginx.pid; daemon off; events {{}}
        http {{
            {
        "".join(
            f"{each}_temp_path {front.folder}/temporary/{each}; "
            for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
    }
            include {front.folder}/besyv.conf;
        }}"""
    (front.folder / "nginx.conf").write_text(whole)
    return ["nginx", "-e", str(front.folder / "start.log"), "-c", str(front.folder / "nginx.conf")]


COMMANDS: dict[str, Callable[[Front], list[str]]] = {"caddy": _caddy, "nginx": _nginx}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "besyv.pem", folder / "besyv.key"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    names = ["-addext", f"subjectAltName=DNS:{HOST}", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*made, *names], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module", params=COMMANDS)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]
) -> Iterator[Front]:
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(NO_SERVER)  # the run says so loudly at its end (tests/conftest.py)
    with ExitStack() as kept:
        upstream, plain, tls = (kept.enter_context(ports.reserved()) for _ in range(3))
        folder, besyv = (tmp_path_factory.mktemp(each) for each in ("front", "besyv"))
        made = Front(folder, upstream, plain, tls, *certificate)
        made.besyv = kept.enter_context(serving(besyv, upstream, BESYV_WEB_URL=f"https://{HOST}"))
        with (folder / "start.log").open("ab") as log:
            command = COMMANDS[name](made)
            process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment(folder))
        try:
            _until_up(made, process)
            yield made
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder), "XDG_DATA_HOME": str(folder)}


def _until_up(front: Front, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            front.ask("/health")
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < ends, front.logged()
            time.sleep(0.05)


# --- what it does -----------------------------------------------------------------------------------------


def test_a_visitor_over_http_is_led_to_https_and_gets_a_cookie_of_this_host_alone(front: Front) -> None:
    status, where = front.ask_plainly("/hjaelp?a=b")
    assert status in (301, 308)
    assert where is not None and where.replace(f":{front.tls}", "") == f"https://{HOST}/hjaelp?a=b"
    status, headers, page = front.ask("/")
    assert status == 200 and "Jeg er med" in page
    [cookie] = headers["set-cookie"]
    assert cookie.startswith("__Host-besyv=") and "Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie
    assert len(headers["strict-transport-security"]) == 1
    assert len(headers["content-security-policy"]) == 1


def test_nothing_leads_to_another_host(front: Front) -> None:
    for path in ("/leder/", "/s/" + "A" * 22 + "/", "//evil.example/"):
        status, headers, _ = front.ask(path)
        assert all(where.startswith(("/", f"https://{HOST}/")) for where in headers.get("location", []))
        assert not any(where.startswith("//") for where in headers.get("location", [])), status
    for host in ("evil.example", f"{HOST}.evil.example"):
        try:
            status, headers, page = front.ask("/leder/", host=host)
        except (OSError, http.client.HTTPException):
            continue  # nobody answers
        assert "Jeg er med" not in page and not any("evil" in where for where in headers.get("location", [])), status


def test_visitors_are_told_apart_whatever_they_say_of_themselves(front: Front) -> None:
    codes = [front.ask(f"/s/{secrets.token_urlsafe(16)}", visitor=GUESSES)[0] for _ in range(14)]
    assert codes[0] == 404 and codes[-1] == 429
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert front.ask(f"/s/{secrets.token_urlsafe(16)}", headers={name: BO}, visitor=GUESSES)[0] == 429
    assert front.ask(f"/s/{secrets.token_urlsafe(16)}", visitor=BO)[0] == 404


def test_too_much_is_refused(front: Front) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert front.ask("/fil", "POST", b"a=" + b"x" * 7_000_000, form)[0] == 413
    assert front.ask("/tryk", "POST", b"a=" + b"x" * 600_000, form)[0] == 413
    assert front.ask("/", headers={"X-Long": "x" * 80_000})[0] in (400, 414, 431)


def test_half_a_request_is_ended_and_others_are_answered_meanwhile(front: Front) -> None:
    with front.connected() as half:
        half.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-".encode())
        assert front.ask("/health", visitor=BO)[0] == 200
        half.settimeout(PATIENCE)
        with suppress(ConnectionResetError):
            while half.recv(4096):  # it may say why
                pass


def test_no_address_and_no_cookie_is_written_down(front: Front) -> None:
    needles = [secrets.token_urlsafe(16) for _ in range(8)]
    paths = (
        "/s/{}",
        "/i/{}",
        "/mail/{}",
        "/besked/{}/w1",
        "/kalender/{}.ics",
        "/bevis/chat/{}",
        "/hjaelp?a={}",
        "/{}/",
    )
    for path, needle in zip(paths, needles, strict=True):
        front.ask(path.format(needle), headers={"Cookie": f"__Host-besyv={needle}", "Referer": f"https://x/{needle}"})
        front.ask_plainly(path.format(needle))
    front.ask(f"/s/{needles[0]}", "POST", b"x" * 7_000_000)
    front.ask(f"/s/{needles[1]}", headers={"X-Long": "x" * 80_000})
    ends = time.monotonic() + PATIENCE
    while "404" not in front.logged() and time.monotonic() < ends:
        time.sleep(0.05)
    assert "404" in front.logged() and ANNA in front.logged()  # it does log: who, and what became of it
    assert [needle for needle in needles if needle in front.logged()] == []


def test_what_goes_wrong_is_logged_without_its_address(front: Front) -> None:
    """Besyv is down: the last test of each web server."""
    assert front.besyv is not None
    front.besyv.kill()
    front.besyv.wait()
    needle = secrets.token_urlsafe(16)
    assert front.ask(f"/s/{needle}")[0] == 502
    ends = time.monotonic() + PATIENCE
    while "502" not in front.logged() and time.monotonic() < ends:
        time.sleep(0.05)
    assert "502" in front.logged() and needle not in front.logged()
