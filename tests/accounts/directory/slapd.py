"""Debian's slapd on this machine: a directory with people and groups, encrypted by a certificate of
an authority of its own."""

import datetime
import os
import socket
import subprocess

import ldap3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.plugins import services

BASE = "dc=example,dc=com"
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "the directory's own"
SEARCHER, SEARCHER_PASSWORD = f"cn=kefu,{BASE}", "may search"
WANG, WANG_PASSWORD = f"uid=wang,ou=people,{BASE}", "a directory's phrase"
KF, BOSS = f"cn=kf,ou=groups,{BASE}", f"cn=boss,ou=groups,{BASE}"
MODULES = "/usr/lib/ldap"
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/key.pem
# As careless as directories are: a bind without a password succeeds as nobody.
allow bind_anon_cred bind_anon_dn
database mdb
suffix {base}
rootdn {root}
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={searcher} read by * none
overlay ppolicy
"""
ENTRIES = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: {SEARCHER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: kefu
userPassword: {SEARCHER_PASSWORD}

dn: {WANG}
objectClass: inetOrgPerson
uid: wang
cn: Wang Fang
displayName:: 546L6Iqz
sn: Wang
mail: Wang@example.com
userPassword: {WANG_PASSWORD}

dn: uid=li,ou=people,{BASE}
objectClass: inetOrgPerson
uid: li
cn: Li
sn: Li
mail: li@example.com
userPassword: {WANG_PASSWORD}

dn: {KF}
objectClass: groupOfNames
cn: kf
member: {WANG}

dn: cn=elsewhere,{BASE}
objectClass: referral
objectClass: extensibleObject
cn: elsewhere
ref: ldap://127.0.0.1:1/uid=strange,{BASE}
"""


class Slapd:
    """`authority`: the certificate of its authority (PEM)."""

    def __init__(self, config, folder):
        self.port, self.secure_port = services.free_port(), services.free_port()
        (folder / "data").mkdir()
        self.authority = make_certificates(folder)
        file = folder / "slapd.conf"
        file.write_text(
            CONFIGURATION.format(
                modules=MODULES,
                folder=folder,
                base=BASE,
                root=ROOT,
                password=f'"{ROOT_PASSWORD}"',
                searcher=SEARCHER,
            )
        )
        program = services.program("slapd")
        entries = folder / "entries.ldif"
        entries.write_text(ENTRIES)
        load = [program, "-T", "add", "-f", str(file), "-l", str(entries)]
        subprocess.run(load, check=True, capture_output=True)
        places = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.secure_port}/"
        command = ["slapd", "-f", str(file), "-h", places, "-d", "0"]
        services.start(config, command, self.secure_port, folder / "slapd.log")

    @property
    def address(self) -> str:
        return f"ldaps://localhost:{self.secure_port}"

    @property
    def plain_address(self) -> str:
        return f"ldap://localhost:{self.port}"

    def as_root(self) -> ldap3.Connection:
        server = ldap3.Server("127.0.0.1", self.port, get_info=ldap3.NONE)
        return ldap3.Connection(server, ROOT, ROOT_PASSWORD, auto_bind=True, raise_exceptions=True)

    def change(self, dn: str, **values) -> None:
        """Replaces attributes of an entry; an empty list removes one."""
        with self.as_root() as root:
            changes = {name: [(ldap3.MODIFY_REPLACE, given)] for name, given in values.items()}
            root.modify(dn, changes, controls=[("1.3.6.1.4.1.4203.666.5.12", True, None)])

    def add(self, dn: str, kinds: list[str], **values) -> None:
        with self.as_root() as root:
            root.add(dn, kinds, values)

    def rename(self, dn: str, name: str) -> None:
        with self.as_root() as root:
            root.modify_dn(dn, name)

    def takes_no_password(self, dn: str) -> bool:
        """Whether a bind as `dn` without a password succeeds. ldap3 refuses to send one."""
        name = dn.encode()
        bind = b"\x02\x01\x03\x04" + bytes([len(name)]) + name + b"\x80\x00"
        message = b"\x02\x01\x01\x60" + bytes([len(bind)]) + bind
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(b"\x30" + bytes([len(message)]) + message)
            return b"\x61\x07\x0a\x01\x00" in line.recv(1000)

    def reset(self) -> None:
        """Makes the entries of people and groups anew."""
        with self.as_root() as root:
            for place in ("people", "groups"):
                root.search(f"ou={place},{BASE}", "(objectClass=*)", ldap3.LEVEL)
                for one in [row["dn"] for row in root.response]:
                    root.delete(one)
            person = {"sn": "Wang", "userPassword": WANG_PASSWORD}
            wang = {"cn": "Wang Fang", "displayName": "王芳", "mail": "Wang@example.com"}
            root.add(WANG, ["inetOrgPerson"], {**person, **wang})
            li = {"cn": "Li", "mail": "li@example.com"}
            root.add(f"uid=li,ou=people,{BASE}", ["inetOrgPerson"], {**person, **li})
            root.add(KF, ["groupOfNames"], {"member": WANG})


def is_there() -> bool:
    return any(os.path.exists(f"{place}/slapd") for place in services.PATH.split(":"))


def make_certificates(folder) -> str:
    """Writes a server's certificate for `localhost` and its key; returns that of the authority."""
    now = datetime.datetime.now(datetime.timezone.utc)
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))

    def certificate(name, public, *extensions):
        built = x509.CertificateBuilder(
            issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme authority")]),
            subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            public_key=public,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - datetime.timedelta(days=1),
            not_valid_after=now + datetime.timedelta(days=1),
        )
        for extension, critical in extensions:
            built = built.add_extension(extension, critical)
        return built.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    (folder / "server.pem").write_bytes(certificate("localhost", key.public_key(), (names, False)))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").write_bytes(private)
    mine = (x509.BasicConstraints(ca=True, path_length=None), True)
    return certificate("Acme authority", authority.public_key(), mine).decode()
