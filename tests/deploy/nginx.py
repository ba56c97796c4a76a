"""The shipped deploy/nginx.conf in front of a real bin/serve, on ports of 127.0.0.1."""

import datetime
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import connection

from tests.chat.daphne import Wire
from tests.plugins.services import free_port, program

NAME = "chat.example.com"
ORIGIN = f"https://{NAME}"
CALLER = "127.0.0.2"
"""The address that the tests' browsers have; nginx itself calls from 127.0.0.1."""
DEPLOY = Path(settings.BASE_DIR) / "deploy"
MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/css css; text/javascript js; }}
    include {folder}/kefu.conf;
}}
"""


class House:
    """`WORKERS=2 bin/serve` as deploy/kefu.env has it, on the tests' database and Redis."""

    def __init__(self, folder: Path, server: str):
        self.port = free_port()
        self.data_dir = folder / "data"
        self.log = folder / "serve.log"
        self.server = server
        self.process = None

    def start(self) -> "House":
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        environment = {
            **os.environ,
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "DATA_DIR": str(self.data_dir),
            "SECRET_KEY": settings.SECRET_KEY,
            "PUBLIC_URL": ORIGIN,
            "TRUSTED_PROXIES": "127.0.0.1",
            "PORT": str(self.port),
            "SERVER": self.server,
            "WORKERS": "2",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [program("setpriv"), "--pdeathsig", "TERM", sys.executable, "bin/serve"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.wait_for("ready ")
        return self

    def wait_for(self, beginning: str) -> None:
        for line in self.process.stdout:
            if line.startswith(beginning):
                return
        raise AssertionError(f"bin/serve ended:\n{self.log.read_text()}")

    def renew(self) -> None:
        """What `systemctl reload kefu` does."""
        self.process.send_signal(signal.SIGHUP)
        self.wait_for("worker 2 is renewed")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)


class Nginx:
    """nginx with the shipped file; only ports, paths and upstream's port are put in."""

    def __init__(self, folder: Path, house: House, static=False):
        folder.mkdir()
        self.folder = folder
        self.http, self.https = free_port(), free_port()
        self.process = None
        make_certificate(folder)
        text = (DEPLOY / "nginx.conf").read_text()
        text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
        for shipped, here in (
            ("listen 80;", f"listen 127.0.0.1:{self.http};"),
            ("listen 443 ", f"listen 127.0.0.1:{self.https} "),
            ("127.0.0.1:8000", f"127.0.0.1:{house.port}"),
            (f"/etc/letsencrypt/live/{NAME}", str(folder)),
            ("/etc/nginx/snippets", str(folder)),
            ("/var/log/nginx", str(folder)),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        (folder / "kefu.conf").write_text(text)
        if static:
            text = (DEPLOY / "nginx-static.conf").read_text()
            assert "/var/lib/kefu;" in text
            text = text.replace("/var/lib/kefu;", f"{house.data_dir};")
            (folder / "kefu-static.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))

    def start(self) -> "Nginx":
        command = [program("nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        self.process = subprocess.Popen(
            [program("setpriv"), "--pdeathsig", "TERM", *command], stderr=subprocess.DEVNULL
        )
        while True:
            assert self.process.poll() is None, (self.folder / "error.log").read_text()
            try:
                return socket.create_connection(("127.0.0.1", self.https)).close() or self
            except ConnectionRefusedError:
                pass

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "fullchain.pem")

    def ask(self, method: str, path: str, body=None, headers=None, secure=True):
        """The response to a request of CALLER, read; `.body` has its bytes."""
        wire = HTTPSConnection(NAME, context=self.trust) if secure else HTTPConnection(NAME)
        port = self.https if secure else self.http
        wire._create_connection = lambda *_args: socket.create_connection(
            ("127.0.0.1", port), timeout=20, source_address=(CALLER, 0)
        )
        wire.request(method, path, body, headers or {})
        response = wire.getresponse()
        response.body = response.read()
        wire.close()
        return response

    async def open(self, path: str, cookie: str, origin=ORIGIN, **headers) -> Wire:
        """A socket over TLS."""
        wire = await websockets.connect(
            f"wss://{NAME}{path}",
            host="127.0.0.1",
            port=self.https,
            ssl=self.trust,
            additional_headers={"Cookie": cookie, "Origin": origin, **headers},
        )
        return Wire(wire)


def make_certificate(folder: Path) -> None:
    """A self-signed certificate for NAME, in Let's Encrypt's file names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
