"""What bin/serve and bin/test share: the virtual environment, packages, Debian packages.

Python standard library only, so that it runs on a machine that has nothing but python3.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import sysconfig

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kefu-installed.json"

PRODUCTION = "requirements/production.txt"
BUILD = "requirements/build.txt"

BUILD_PACKAGES = ["gcc", "libc6-dev", "pkg-config", "python3-dev", "libmariadb-dev"]


def run_main(main):
    """Run `main`, a function that returns an exit code, and exit with that code.

    SIGTERM interrupts like Ctrl-C: otherwise pip or a server would live on without us.
    """
    if sys.version_info < (3, 10):  # noqa: UP036  (the point is to say so on an older one)
        stop("Kefu needs Python 3.10 or newer; this is " + sys.version.split()[0])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)


def take_no_arguments(usage):
    """End the program with `usage` for --help, and with exit code 2 for any other argument."""
    for word in sys.argv[1:]:
        if word in ("-h", "--help"):
            say(usage.strip())
            sys.exit(0)
        name = pathlib.Path(sys.argv[0]).resolve().relative_to(ROOT)
        stop(f"{name} takes no arguments, and {word!r} is one; see {name} --help", code=2)


def say(text):
    """Print one line at once, whoever reads the pipe."""
    print(text, flush=True)


def stop(reason, code=1):
    """End the program with an exit code and `reason` as the last line on standard error."""
    sys.stdout.flush()
    print(f"error: {reason}", file=sys.stderr, flush=True)
    sys.exit(code)


def install(*requirement_files):
    """Have everything that `requirement_files` (locks, paths relative to ROOT) name in .venv.

    Quick when the files are the same as at the last installation.
    """
    with setup_lock():
        make_venv()
        if all(is_installed(name) for name in requirement_files):
            return
        first = "" if STAMP.exists() else "first run, "
        say(f"installing packages ({first}about a minute) …")
        if any(PRODUCTION in file_hashes(name) for name in requirement_files):
            pip_install(BUILD)
        pip_install(*requirement_files)
        remember_installed(requirement_files)


def pip_install(*requirement_files):
    """Install the files that the locks name, and no others; stop if pip cannot.

    What has to be compiled is compiled with the packages in .venv: without --no-build-isolation
    pip fetches the newest setuptools for it, and checks no hash.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    locked = ["--require-hashes", "--no-build-isolation"]
    files = [word for name in requirement_files for word in ("-r", str(ROOT / name))]
    if run([*pip, *locked, *files]) != 0:
        stop("pip could not install the packages; the reason stands above")


@contextlib.contextmanager
def setup_lock():
    """Let one program at a time set up this folder; a second waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another setup of this folder to end …")
        fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(folder)


def make_venv():
    """Make .venv, anew where it is half made or its Python is gone."""
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True)
    if works and works.returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        apt_install(["python3-venv"])
    say("making the virtual environment .venv …")
    if run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        stop("could not make .venv; the reason stands above")


def is_installed(requirement_file):
    """Tell whether .venv holds what `requirement_file` names, by the hashes in the stamp."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return all(stamp.get(name) == digest for name, digest in file_hashes(requirement_file).items())


def file_hashes(requirement_file):
    """Return {file: SHA-256} of `requirement_file` and all that it includes by -r."""
    path = ROOT / requirement_file
    text = path.read_text()
    hashes = {str(path.relative_to(ROOT)): hashlib.sha256(text.encode()).hexdigest()}
    for line in text.splitlines():
        if line.startswith("-r "):
            included = (path.parent / line[3:].strip()).relative_to(ROOT)
            hashes.update(file_hashes(included))
    return hashes


def remember_installed(requirement_files):
    """Write to the stamp that these files are installed, keeping what it says of others."""
    stamp = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    for name in requirement_files:
        stamp.update(file_hashes(name))
    STAMP.write_text(json.dumps(stamp, indent=1))


def missing_build_packages():
    """Return the Debian packages that compiling mysqlclient needs and the machine lacks."""
    headers = pathlib.Path(sysconfig.get_path("include")) / "Python.h"
    pkg_config = shutil.which("pkg-config")
    found = {
        "gcc": shutil.which("gcc"),
        "libc6-dev": pathlib.Path("/usr/include/stdio.h").exists(),
        "pkg-config": pkg_config,
        "python3-dev": headers.exists(),
        "libmariadb-dev": pkg_config and has_mariadb_headers(),
    }
    return [name for name in BUILD_PACKAGES if not found[name]]


def has_mariadb_headers():
    """Tell whether pkg-config knows a MySQL client library under one of its names."""
    names = ["mysqlclient", "mariadb", "libmariadb"]
    return any(subprocess.run(["pkg-config", "--exists", name]).returncode == 0 for name in names)


def apt_install(packages):
    """Install Debian packages; without root, print the exact line to run and stop."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"{' '.join(packages)} missing; as root run:\n{apt_line(packages)}")
    say(f"installing {' '.join(packages)} …")
    apt_get = ["apt-get", "-qq", "-y", "-o=Dpkg::Use-Pty=0", "-o=DPkg::Lock::Timeout=300"]
    install = [*apt_get, "install", "--no-install-recommends", *packages]
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": sys.stderr}
    lists = pathlib.Path("/var/lib/apt/lists")
    if any(lists.glob("*_Packages*")) and run(install, **quiet) == 0:
        return
    # No package lists, or lists so old that the files they name are gone.
    run([*apt_get, "update"], **quiet)
    if run(install, **quiet) != 0:
        stop(f"apt could not install the packages; try as root:\n{apt_line(packages)}")


def apt_line(packages):
    """Return the shell line with which root installs `packages`."""
    return "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)


def run(command, **options):
    """Run `command` from ROOT, wait, return its exit code; an interrupt ends it first."""
    process = subprocess.Popen(command, cwd=ROOT, **options)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
