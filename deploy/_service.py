"""Functions of the scripts in deploy/: they run with the environment, the user and the Python of
the installed service."""

import contextlib
import hashlib
import os
import pathlib
import pwd
import resource
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
ENVIRONMENT = pathlib.Path("/etc/kefu/kefu.env")
DESCRIPTORS = 65536
"""LimitNOFILE of kefu.service, where that may be set."""


def show_usage(usage):
    """For --help, print the usage and end. Call it before `become_service`."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        say(usage.strip())
        sys.exit(0)


def become_service():
    """Take over what kefu.service has: its environment with the files that it names, how many files
    it may open, the owner of DATA_DIR, the Python of .venv."""
    read_environment(pathlib.Path(os.environ.get("KEFU_ENV") or ENVIRONMENT))
    os.umask(0o077)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):  # More than may be.
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    if os.geteuid() == 0:
        become_owner_of(data_dir())
    if not os.access(PYTHON, os.X_OK):
        stop(f"{PYTHON} cannot be run by this user; deploy/install, as root, makes it")
    if pathlib.Path(sys.prefix) != PYTHON.parent.parent:
        script = str(pathlib.Path(sys.argv[0]).resolve())
        os.execv(PYTHON, [str(PYTHON), script, *sys.argv[1:]])
    sys.path.insert(0, str(ROOT))
    from kefu import variables

    try:
        variables.read_files(os.environ)
    except variables.Unusable as error:
        stop(error)


def read_environment(path):
    """Read NAME=value lines from `path`, as systemd does. Variables that are set already are
    kept."""
    try:
        lines = path.read_text().splitlines() if path.exists() else []
    except PermissionError:
        if "DATA_DIR" not in os.environ:  # kefu-backup.service gets them from systemd
            stop(f"{path} cannot be read; run this as root")
        lines = []
    for line in lines:
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith(("#", ";")):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def data_dir():
    """Return DATA_DIR as an absolute path."""
    return pathlib.Path(os.environ.get("DATA_DIR") or ROOT / "var").absolute()


def become_owner_of(folder):
    """Give up root for good, so that no file of Kefu will belong to root."""
    if not folder.is_dir():
        stop(f"DATA_DIR {folder} is missing; install -d -o kefu -g kefu -m 0700 {folder}")
    owner = folder.stat().st_uid
    if owner != 0:
        user = pwd.getpwuid(owner)
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(owner)
        os.environ["HOME"] = user.pw_dir


def load_settings():
    """Return Django's settings. Stop with their message if the environment cannot be used."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "kefu.settings"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        stop(error)
    from django.conf import settings

    return settings


def client_options(database, folder):
    """Write an option file for MariaDB's programs to `folder`, so that no command line has the
    password. Return the option that names the file."""
    socket = database["OPTIONS"].get("unix_socket")
    fields = {
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": "" if socket else database["HOST"],
        "port": "" if socket else database["PORT"],
        "socket": socket,
    }
    path = pathlib.Path(folder) / "client.cnf"
    lines = [f"{name}={quoted(str(value))}" for name, value in fields.items() if value]
    path.write_text("\n".join(["[client]", *lines]) + "\n")
    return f"--defaults-extra-file={path}"


def quoted(text):
    """Return a value as option files quote it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def digest_of(path):
    """Return the SHA-256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def find_program(*names):
    """Return the path of the first of these programs that is installed."""
    for name in names:
        if path := shutil.which(name):
            return path
    stop(f"{names[0]} is not installed; apt-get install mariadb-client")


def say(text):
    print(text, flush=True)


def stop(reason):
    """Print one line and end with exit code 1."""
    print(f"error: {' '.join(str(reason).split())}", file=sys.stderr, flush=True)
    sys.exit(1)
