"""A MySQL 8.4 or newer beside the system, for bin/test, bin/bench and bin/crash.

Debian's stable suite has only MariaDB. `fetch` unpacks MySQL of the unstable suite, with its own
libraries, into a folder of the user's cache and makes an empty database there; nothing of it
enters the system, and nobody need be root. It uses the standard library only, as bin/ imports it
before anything is installed.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGE = "mysql-server-core"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kefu"
FOLDER = CACHE / "mysql8"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCE = f"deb [signed-by={KEYS}] http://deb.debian.org/debian unstable main\n"
# Perl is for the package's scripts, of which none is run.
UNUSED = ("perl", "libperl")
# Who connects by TCP to a server that resolves no names.
ACCOUNT = "CREATE USER root@'127.0.0.1';\nGRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
FETCH_WITHIN, MAKE_WITHIN = 300, 120  # seconds


class Unavailable(Exception):
    """MySQL could not be had; the message says why."""


def is_there():
    """Tell whether `fetch` has been successful once."""
    return FOLDER.is_dir()


def fetch():
    """Fetch and unpack MySQL (60 MB) and make an empty database; raise Unavailable if it cannot
    be had here."""
    if is_there():
        return
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise Unavailable(f"MySQL is fetched from Debian, and here is no {program}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="mysql8-") as scratch:
        whole = Path(scratch) / "whole"
        unpack(download(Path(scratch) / "apt"), whole)
        make_database(whole)
        try:
            whole.rename(FOLDER)
        except OSError:
            if not is_there():  # Nobody else was quicker.
                raise


def download(folder):
    """Download the package and all that it depends on; return the files. Apt gets lists, a cache
    and a state of its own, in which nothing is installed."""
    for name in ("lists/partial", "cache/archives/partial", "parts"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(SOURCE)
    own = {
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": folder / "parts",
        "Dir::Etc::preferences": folder / "none",
        "Dir::Etc::preferencesparts": folder / "parts",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-q", *(f"-o={name}={value}" for name, value in own.items())]
    run([*apt, "update"], FETCH_WITHIN)
    only = ["--yes", "--no-install-recommends", "--download-only"]
    run([*apt, "install", *only, PACKAGE], FETCH_WITHIN)
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def unpack(files, folder):
    """Unpack packages into `folder`, as they would lie in a system."""
    for file in files:
        if not file.name.startswith(UNUSED):
            run(["dpkg", "-x", str(file), str(folder)], FETCH_WITHIN)


def make_database(folder):
    """Make the empty database that `install` copies."""
    script = folder / "account.sql"
    script.write_text(ACCOUNT)
    words = ["--initialize-insecure", f"--init-file={script}", "--innodb-redo-log-capacity=8M"]
    run([*server(folder), f"--datadir={folder}/database", *words], MAKE_WITHIN)


def run(command, seconds):
    """Run a command; raise Unavailable with the end of its output if it fails or takes longer."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} took more than {seconds} s to get MySQL") from error
    if done.returncode != 0:
        raise Unavailable(f"{command[0]} could not get MySQL:\n{done.stdout[-1500:]}")


def server(folder=FOLDER):
    """Return the words that run the server with the loader and the libraries it was built for."""
    (loader,) = folder.glob("usr/lib/*-linux-gnu/ld-linux*.so*")
    share = folder / "usr" / "share" / "mysql"
    return [
        *(str(loader), "--library-path", str(loader.parent), f"{folder}/usr/sbin/mysqld"),
        *("--no-defaults", f"--basedir={folder}/usr", f"--lc-messages-dir={share}"),
        *(f"--character-sets-dir={share}/charsets", f"--plugin-dir={folder}/usr/lib/mysql/plugin"),
        *("--secure-file-priv=", "--mysqlx=OFF"),
        *(["--user=root"] if os.geteuid() == 0 else []),
    ]


def install(folder):
    """Put an empty MySQL into `folder`, with an account root without a password."""
    shutil.copytree(FOLDER / "database", folder / "database")


def command(folder, port):
    """Return the command that serves the MySQL in `folder`, with MySQL's defaults otherwise."""
    return [
        *server(),
        *(f"--datadir={folder}/database", f"--tmpdir={folder}"),
        *("--socket=database.sock", f"--pid-file={folder}/database.pid"),
        *("--bind-address=127.0.0.1", f"--port={port}", "--max-connections=200"),
        "--skip-name-resolve",
    ]


def version():
    """Return the version of the fetched server, as 9.7.4."""
    done = subprocess.run([*server()[:4], "--version"], capture_output=True, text=True)
    return (done.stdout.partition("Ver ")[2].split() or ["unknown"])[0].partition("-")[0]
