"""The parts of bin/test that are run by pytest, in several processes side by side."""

import contextlib
import os
import pathlib
import subprocess
import time
import typing

from _bootstrap import PYTHON, ROOT, apt_line, is_installed, missing_build_packages, say, stop
from _results import Result, kept_times, result_of

SERVICES = ("mariadb-server", "redis-server", "nginx-light")
FONTS = ("fonts-wqy-microhei", "fonts-noto-color-emoji")
HEADLESS = "chromium-headless-shell"
BROWSER = (HEADLESS, *FONTS)
FIREFOX = ("firefox-esr", *FONTS)
DIRECTORY = ("slapd",)
WEBKIT = ("webkit2gtk-driver", "xvfb", *FONTS)
MYSQL = "MySQL"  # no package of the system: _mysql.py fetches it
HOSTS = ("mariadb-server", "redis-server", "nginx-light", "iproute2", "iptables")
REQUIRABLE = (
    *("mariadb", "mysql8", "redis", "browser", "firefox", "webkit", "ldap", "hosts"),
    "mail",  # servers, of one test
)

PROCESSES = 3  # on two cores: some always wait for a browser or a server
# Seconds that one process may take: one that hangs must not use up a CI's time, and one that only
# has a busy machine must end: beside a load of 14 it took more than 20 minutes. Of a release, some
# make an image, or wait for faults.
LONGEST, LONGEST_OF_RELEASE = 2_700, 5_400
BYTES_A_SECOND = 3_000  # of a test file whose time is not known; about the median
PAGES, ENGINES = "tests/browser", "tests/browser/engines"
KILLED = ("tests/chat/stream/test_killed.py", "tests/chat/webhooks/test_killed.py")
# Only with --all: a server that is started, a fault that is awaited, programs beside the product.
# One start of each server and a short bin/crash are in tests/test_serving.py.
WITH_ALL = (
    *("tests/faults", "tests/abuse", "tests/deploy", "tests/tools", "tests/chat/processes"),
    *("tests/accounts/directory", "tests/accounts/audit/test_two_processes.py"),
    *("tests/chat/routing/test_two_processes.py", "tests/chat/sockets/test_daphne.py"),
    *("tests/chat/api/test_fuzz.py", "tests/kefu/test_examples.py"),
    *("tests/kefu/test_mcp.py", "tests/kefu/test_typed_client.py", "tests/chat/demo"),
    "tests/kefu/test_demo.py",
    *KILLED,
)
# What people do most; the other tests in a browser are run with --all.
MOST_USED = tuple(
    f"{PAGES}/test_{name}.py"
    for name in (
        *("pages", "conversation", "visitor_chat", "group", "inbox", "widget"),
        *("app", "phone", "reports"),
    )
)
# What speaks to the database in its own way, or depends on what it does at the same time.
DIFFERENT_SQL = (
    *("tests/chat/test_schema.py", "tests/chat/test_mysql.py", "tests/kefu/test_mysql.py"),
    *("tests/kefu/doctor/test_database.py", "tests/chat/posting", "tests/chat/stream"),
    *("tests/chat/processes/test_claim.py", "tests/chat/processes/test_floor_races.py"),
    *(f"tests/chat/reports/test_{name}.py" for name in ("packs", "concurrency")),
    *("tests/chat/archive/test_list.py", "tests/chat/webhooks"),
    *("tests/chat/routing/test_two_processes.py", "tests/chat/knowledge/test_search.py"),
)
# Whole, for a release.
ANY_SQL = ("tests/chat/reports", "tests/chat/portability", "tests/kefu/test_demo.py")
# From a MariaDB, which its tests start themselves on SQLite. ADOPTED are run by everyone.
ADOPTION = "tests/chat/adoption"
ADOPTED = (f"{ADOPTION}/test_seed.py",)
RACES = ("tests/chat/processes/test_races.py", "tests/faults/test_crash.py")
HOST_TESTS = ("tests/faults/test_hosts.py", "tests/faults/test_hosts_planted.py")


class Part(typing.NamedTuple):
    """Tests that share a database, marks and Debian's packages: those in `paths`, but for
    `left_out`, in as many processes."""

    name: str
    database: str
    marker: str
    needs: tuple
    paths: tuple = ("tests",)
    left_out: tuple = (PAGES,)
    processes: int = 1


class Job(typing.NamedTuple):
    """One process of pytest: some test files of a part."""

    name: str
    part: Part
    files: tuple


def usual_parts():
    """Return the parts that everyone runs, those that wait most first."""
    only = "not (release or firefox or webkit)"
    twice, mariadb = f"{only} and not once", (*DIFFERENT_SQL, *ADOPTED)
    return [
        Part("browser", "sqlite", only, BROWSER, MOST_USED, (), 2),
        Part("mariadb and redis", "mysql", twice, services(), mariadb, KILLED, 2),
        Part("SQLite", "sqlite", only, (), left_out=(PAGES, ADOPTION, *WITH_ALL), processes=3),
    ]


def all_parts():
    """Return the parts of a release. What measures for how long people wait is the last."""
    pages, twice = (PAGES,), "not once and not hosts and not ldap"
    different = (*DIFFERENT_SQL, *ANY_SQL, ADOPTION, *RACES)
    return [
        Part("browser", "sqlite", "not (firefox or webkit)", BROWSER, pages, (), 4),
        Part("SQLite", "sqlite", "not hosts and not ldap", (), processes=6),
        Part("mariadb and redis", "mysql", twice, services(), processes=6),
        Part("mysql8 and redis", "mysql8", twice, (MYSQL, *services()[1:]), different, processes=2),
        Part("ldap", "sqlite", "ldap", DIRECTORY, ("tests/accounts/directory",)),
        Part("webkit", "sqlite", "webkit", WEBKIT, (ENGINES,), ()),
        Part("firefox", "sqlite", "firefox", FIREFOX, (ENGINES,), ()),
        Part("hosts", "sqlite", "hosts", HOSTS, HOST_TESTS),
    ]


def services():
    """Return the packages of a part on MariaDB."""
    return (*SERVICES, *(() if is_installed("requirements.txt") else missing_build_packages()))


def required_parts():
    """Return the names in KEFU_REQUIRE; stop if one is no name of a part."""
    names = [name for name in os.environ.get("KEFU_REQUIRE", "").split(",") if name]
    for name in names:
        if name not in REQUIRABLE:
            stop(f"KEFU_REQUIRE knows {', '.join(REQUIRABLE)}, not {name!r}")
    return names


def jobs_of(part, chosen):
    """Split a part into jobs of about the same length, by the times of the last run. `chosen` are
    the paths and test names to which the caller restricts it, if any."""
    files = {
        str(path.relative_to(ROOT))
        for place in part.paths
        for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("test_*.py"))
    }
    files = {file for file in files if not any(holds(folder, file) for folder in part.left_out)}
    if chosen:
        within = {name: name.partition("::")[0].rstrip("/") for name in chosen}
        files = {
            name if "::" in name else file
            for file in files
            for name, path in within.items()
            if holds(path, file)
        }
    times = kept_times()
    weights = {file: times.get(file, weight(file)) for file in files}
    shares = [[] for _ in range(min(part.processes, len(files)))]
    for file in sorted(files, key=lambda file: (-weights[file], file)):
        min(shares, key=lambda share: sum(weights[one] for one in share)).append(file)
    for number, share in enumerate(shares, 1):
        yield Job(f"{part.name} {number}/{len(shares)}", part, tuple(sorted(share)))


def holds(folder, path):
    """Return whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder + "/")


def weight(file):
    """Return about how many seconds a test file takes that nobody has measured."""
    return pathlib.Path(ROOT, file.partition("::")[0]).stat().st_size / BYTES_A_SECOND


def run_parts(parts, arguments, chosen, *, missing, folder, longest):
    """Run pytest for each part; return the Results. PROCESSES jobs run side by side; of what one
    prints the end is shown, and all where a test failed or `arguments` are given.

    `arguments` go to pytest, of which `chosen` name paths; `missing` are Debian packages; reports
    go to `folder`; a process that takes longer than `longest` seconds is stopped, and has failed.
    """
    results, jobs = [], []
    for part in parts:
        if lacking := [name for name in part.needs if name in missing]:
            results.append(left_out(part.name, lacking))
        else:
            jobs += jobs_of(part, chosen)
    words = [word for word in arguments if word not in chosen]
    running = {}
    with contextlib.ExitStack() as stack:
        while jobs or running:
            while (
                jobs and len(running) < PROCESSES and (jobs[0].part.name != "hosts" or not running)
            ):
                job = jobs.pop(0)
                running[job] = stack.enter_context(begin(job, words, folder))
            time.sleep(0.1)
            for job, (process, started) in list(running.items()):
                took = time.monotonic() - started
                if process.poll() is None and took > longest:
                    process.terminate()
                    process.wait()
                if process.poll() is not None:
                    del running[job]
                    results.append(end(job, process.returncode, took, bool(arguments), folder))
    return results


@contextlib.contextmanager
def begin(job, words, folder):
    """Start a job's process; give it and when it started."""
    # Playwright's loop runs in the test's own thread, where Django sees it.
    unsafe = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"} if job.part.needs == BROWSER else {}
    command = [str(PYTHON), "-m", "pytest", "-m", job.part.marker, *words]
    command += [f"--junit-xml={report_of(job, folder)}", "-o", "junit_family=xunit1"]
    # What a test leaves in a temporary folder need not outlive it, and syncs nothing to a disk.
    command += ["-o", "tmp_path_retention_policy=failed", *job.files]
    with report_of(job, folder).with_suffix(".txt").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "KEFU_TEST_DATABASE": job.part.database, **unsafe},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, time.monotonic()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def report_of(job, folder):
    """Return where a job's JUnit file goes."""
    return folder / f"{job.name.replace('/', ' of ')}.xml"


def end(job, code, took, whole, folder):
    """Print how a job ended; return its Result."""
    report = report_of(job, folder)
    result = result_of(code, report)
    heading(f"{job.name}: {result.passed} passed, {result.failed} failed, {took:.0f} s")
    if result.failed or whole:
        say(report.with_suffix(".txt").read_text(errors="replace").rstrip())
    return result


def left_out(part, lacking):
    """Say how to install what a part lacks: a failure if KEFU_REQUIRE names it, else a skip."""
    heading(f"{part}: left out")
    if packages := [name for name in lacking if name != MYSQL]:
        say(f"{', '.join(packages)} missing; as root run:\n{apt_line(packages)}")
    if MYSQL in lacking:
        say("MySQL could not be fetched; the reason stands at the beginning")
    required = set(required_parts()) & set(part.split())
    return Result(failed=1) if required else Result(skipped=1)


def heading(title):
    """Print the title of a part."""
    say(f"\n=== {title} ===")
