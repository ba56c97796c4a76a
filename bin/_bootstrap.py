"""Functions of the programs in bin/: the virtual environment, Python and Debian packages.

It uses the standard library only, so that it runs on a machine with nothing but python3.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kefu-installed.json"

PRODUCTION = "requirements/production.txt"
BUILD = "requirements/build.txt"
# What the tests of the JavaScript need, and for a release, what a typed client is made with; each
# in the folder of this name in .venv/.
NPM, NPM_CLIENT = "npm", "npm-client"

BUILD_PACKAGES = ["gcc", "libc6-dev", "pkg-config", "python3-dev", "libmariadb-dev"]


def run_main(main):
    """Run `main`, a function that returns an exit code, and exit with that code.

    SIGTERM interrupts like Ctrl-C. Otherwise pip or a server would go on running.
    """
    if sys.version_info < (3, 10):  # noqa: UP036  (for a clear message on older versions)
        stop("Kefu needs Python 3.10 or newer; this is " + sys.version.split()[0])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)


def refuse_arguments(usage):
    """End the program with `usage` for --help, and with exit code 2 for any other argument."""
    for word in sys.argv[1:]:
        if word in ("-h", "--help"):
            say(usage.strip())
            sys.exit(0)
        name = pathlib.Path(sys.argv[0]).resolve().relative_to(ROOT)
        stop(f"{name} takes no arguments, and {word!r} is one; see {name} --help", code=2)


def say(text):
    """Print a line and flush it."""
    print(text, flush=True)


def stop(reason, code=1):
    """End the program with an exit code and `reason` as the last line on standard error."""
    sys.stdout.flush()
    print(f"error: {reason}", file=sys.stderr, flush=True)
    sys.exit(code)


def install(*requirement_files):
    """Install into .venv what `requirement_files` (locks, paths relative to ROOT) name.

    This is quick if the files have not changed since the last installation.
    """
    with setup_lock():
        if has("django") and all(is_installed(name) for name in requirement_files):
            return
        make_venv()
        first = "" if STAMP.exists() else "first run, "
        say(f"installing packages ({first}about a minute) …")
        if any(PRODUCTION in file_hashes(name) for name in requirement_files):
            pip_install(BUILD)
        pip_install(*requirement_files)
        remember_installed(requirement_files)


def pip_install(*requirement_files):
    """Install exactly the files that the locks name; stop if pip fails.

    Packages are compiled with those in .venv. Without --no-build-isolation pip would download the
    newest setuptools for this, without a check of its hash. The locks are complete, so that pip
    need not read what each package requires; and pip would compile on a single processor. It would
    also choose on a single one, among all files of all versions of a package, which takes longer
    than to install what it has chosen: so there are as many as processors.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    locked = ["--require-hashes", "--no-build-isolation", "--no-deps", "--no-compile"]
    # The locks may name the same package, in the same version.
    texts = sorted({text for name in requirement_files for text in requirements_in(ROOT / name)})
    count = min(os.cpu_count() or 1, len(texts))
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, f"{number}.txt") for number in range(count)]
        for number, file in enumerate(files):
            file.write_text("".join(texts[number::count]))
        if any(run_together([[*pip, *locked, "-r", str(file)] for file in files])):
            stop("pip could not install the packages; the reason stands above")
    run([str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")])


def requirements_in(lock):
    """Give the requirements in a lock, and in what it includes by -r: of each its lines."""
    for block in re.split(r"^(?=[^\s#])", lock.read_text(), flags=re.MULTILINE)[1:]:
        if block.startswith("-r "):
            yield from requirements_in(lock.parent / block[3:].strip())
        else:
            yield re.sub(r"^ *#.*\n", "", block, flags=re.MULTILINE)


def install_for_node(*names):
    """Install the packages of NPM or NPM_CLIENT; `install` has brought npm.

    This is quick if the lock has not changed since the last installation.
    """
    with setup_lock():
        for name in names:
            files = [f"requirements/{name}/{one}" for one in ("package.json", "package-lock.json")]
            if all(is_installed(one) for one in files):
                continue
            if not install_npm(files, VENV / name):
                stop("npm could not install the packages; the reason stands above")
            remember_installed(files)


def install_npm(files, folder):
    """Install into `folder` what the package.json and package-lock.json in `files` name; return
    whether that worked."""
    folder = folder.resolve()  # npm finds no packages behind a link
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        shutil.copy(ROOT / name, folder)
    npm = [str(VENV / "bin" / "npm"), "ci", "--prefix", str(folder)]
    return run([*npm, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]) == 0


@contextlib.contextmanager
def setup_lock():
    """Let only one program at a time set up this folder; another one waits."""
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
    """Create .venv, also if it is incomplete or its Python is gone."""
    if has("pip"):
        return
    if importlib.util.find_spec("ensurepip") is None:
        apt_install(["python3-venv"])
    say("making the virtual environment .venv …")
    if run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        stop("could not make .venv; the reason stands above")


def has(module):
    """Return whether the Python of .venv is there and finds `module`."""
    command = [PYTHON, "-c", f"import {module}"]
    return PYTHON.exists() and subprocess.run(command, capture_output=True).returncode == 0


def is_installed(requirement_file):
    """Return whether .venv has what `requirement_file` names, by the hashes in the stamp."""
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
    """Add these files to the stamp of installed ones."""
    stamp = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    for name in requirement_files:
        stamp.update(file_hashes(name))
    STAMP.write_text(json.dumps(stamp, indent=1))


def missing_programs(programs):
    """Return the Debian packages among `programs`, {package: program or file}, that the machine
    lacks."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # where Debian keeps mariadbd
    return [name for name, word in programs.items() if not shutil.which(word, path=path)]


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
    """Return whether pkg-config finds a MySQL client library under one of its names."""
    names = ["mysqlclient", "mariadb", "libmariadb"]
    return any(subprocess.run(["pkg-config", "--exists", name]).returncode == 0 for name in names)


def apt_install(packages):
    """Install Debian packages, if any; without root, stop and print the command to run."""
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"{' '.join(packages)} missing; as root run:\n{apt_line(packages)}")
    say(f"installing {' '.join(packages)} …")
    apt_get = ["apt-get", "-qq", "-y", "-o=Dpkg::Use-Pty=0", "-o=DPkg::Lock::Timeout=300"]
    install = [*apt_get, "install", "--no-install-recommends", *packages]
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": sys.stderr}
    lists = pathlib.Path("/var/lib/apt/lists")
    if any(lists.glob("*_Packages*")) and run(install, **quiet) == 0:
        return
    # There are no package lists, or they name files that are gone.
    run([*apt_get, "update"], **quiet)
    if run(install, **quiet) != 0:
        stop(f"apt could not install the packages; try as root:\n{apt_line(packages)}")


def apt_line(packages):
    """Return the shell command with which root installs `packages`."""
    return "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)


def run(command, **options):
    """Run `command` in ROOT and return its exit code. An interrupt ends the command, too."""
    return run_together([command], **options)[0]


def run_together(commands, **options):
    """Run `commands` side by side in ROOT and return their exit codes. An interrupt ends them."""
    processes = [subprocess.Popen(command, cwd=ROOT, **options) for command in commands]
    try:
        return [process.wait() for process in processes]
    except KeyboardInterrupt:
        for process in processes:
            process.terminate()
            process.wait()
        raise
