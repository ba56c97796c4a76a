"""The parts of bin/test that are run by pytest: processes side by side, and a second try."""

import contextlib
import json
import os
import subprocess
import time
import typing

from _bootstrap import PYTHON, ROOT, apt_line, is_installed, missing_build_packages, say, stop
from _results import Result, outcomes, result_of, run_counted

SERVICES = ("mariadb-server", "redis-server", "nginx-light")
FONTS = ("fonts-wqy-microhei", "fonts-noto-color-emoji")
BROWSER = ("chromium", *FONTS)
FIREFOX = ("firefox-esr", *FONTS)
DIRECTORY = ("slapd",)
WEBKIT = ("webkit2gtk-driver", "xvfb", *FONTS)
MYSQL = "MySQL"  # no package of the system: _mysql.py fetches it
HOSTS = ("mariadb-server", "redis-server", "nginx-light", "iproute2", "iptables")
REQUIRABLE = ("mariadb", "mysql8", "redis", "browser", "firefox", "webkit", "ldap", "hosts")
AT_ONCE = 3  # parts: more would be in each other's way on two cores
ALONE = "hosts"  # measures for how long people wait
TESTS_FAILED = 1  # pytest's exit code
TRIED_AGAIN = 3  # failures; more than these are no accident of a busy machine
PAGES = "tests/browser"
DATABASES = {"mariadb": "mysql", "mysql8": "mysql8"}
# What speaks to the database in its own way, or depends on what it does at the same time.
DIFFERENT_SQL = (
    *("tests/chat/test_schema.py", "tests/chat/test_mysql.py", "tests/kefu/test_mysql.py"),
    *("tests/kefu/doctor/test_database.py", "tests/chat/posting", "tests/chat/stream"),
    *("tests/chat/processes/test_claim.py", "tests/chat/processes/test_races.py"),
    *("tests/chat/adoption", "tests/chat/portability", "tests/chat/reports"),
    *("tests/chat/archive/test_list.py", "tests/kefu/test_demo.py"),
    *("tests/chat/webhooks", "tests/chat/routing/test_two_processes.py"),
    "tests/faults/test_crash.py",
)

HOST_TESTS = ("tests/faults/test_hosts.py", "tests/faults/test_hosts_planted.py")


class Part(typing.NamedTuple):
    """Tests that share a command of pytest: the database, the marks, Debian's packages, how many
    processes take its test files by turns (1: pytest itself runs them), and its test files and
    folders, if these are not all of them."""

    name: str
    database: str
    marker: str
    needs: tuple
    processes: int = 1
    only: tuple = ()

    @property
    def is_browsers(self):
        """Whether its tests are those of the pages."""
        return self.needs in (BROWSER, FIREFOX, WEBKIT)


class Running(typing.NamedTuple):
    """A part that has begun: functions that tell whether it is over, and its Result once it is."""

    is_over: typing.Callable[[], bool]
    result: typing.Callable[[], Result]


def all_parts():
    """Return the parts in the order in which they begin, those that take longest first. What the
    first prints is shown as it comes. ALONE is the last."""
    build = missing_build_packages() if not is_installed("requirements.txt") else []
    twice = "not browser and not once and not hosts and not ldap"
    network = [Part("hosts", "sqlite", "hosts", HOSTS, 2, HOST_TESTS)]
    return [
        Part("mariadb and redis", "mysql", twice, (*SERVICES, *build), 2),
        Part("SQLite", "sqlite", "not browser and not hosts and not ldap", (), 2),
        Part("browser", "sqlite", "browser and not (long or firefox or webkit)", BROWSER),
        Part("mysql8 and redis", "mysql8", twice, (MYSQL, *SERVICES[1:], *build), 2, DIFFERENT_SQL),
        Part("ldap", "sqlite", "ldap", DIRECTORY),
        Part("webkit", "sqlite", "webkit", WEBKIT),
        Part("firefox", "sqlite", "firefox", FIREFOX),
        Part("browser long", "sqlite", "browser and long", BROWSER),
        *(network if "hosts" in required_parts() else []),
    ]


def part_of(database):
    """Return the part with all tests on one of DATABASES, of which `only` holds back nothing."""
    (part,) = (part for part in all_parts() if part.database == DATABASES[database])
    return part._replace(only=())


def required_parts():
    """Return the names in KEFU_REQUIRE; stop if one is no name of a part."""
    names = [name for name in os.environ.get("KEFU_REQUIRE", "").split(",") if name]
    for name in names:
        if name not in REQUIRABLE:
            stop(f"KEFU_REQUIRE knows {', '.join(REQUIRABLE)}, not {name!r}")
    return names


def run_parts(parts, arguments, paths, missing, folder):
    """Run pytest for each part; yield its Result. AT_ONCE parts run side by side, and what one
    prints comes when those before it are done.

    `arguments` go to pytest; `paths` are the test files and folders to run, or None if
    `arguments` name them, which then leave out the parts that have only some tests; `missing` are
    Debian packages; reports go to `folder`.
    """
    parts = [part for part in parts if (not part.only if paths is None else paths_of(part, paths))]
    with contextlib.ExitStack() as stack:
        begun = {}

        def begin_what_may():
            for part in parts[len(begun) :]:
                busy = sum(not one.is_over() for one in begun.values())
                if busy >= (1 if part.name == ALONE else AT_ONCE):
                    return
                words = [*arguments, *paths_of(part, paths)]
                running = begin(part, words, missing, folder, part is parts[0])
                begun[part] = stack.enter_context(running)

        for part in parts:
            heading(f"tests: {part.name}")
            while part not in begun or not begun[part].is_over():
                begin_what_may()
                time.sleep(0.05)
            yield begun[part].result()


def paths_of(part, paths):
    """Return those of `paths` that a part may have tests in: what it need not read takes time."""
    if not paths:
        return []
    if part.only:
        return [path for path in part.only if any(holds(one, path) for one in paths)] + [
            path for path in paths if any(path != one and holds(one, path) for one in part.only)
        ]
    if "tests" in paths:
        return [PAGES] if part.is_browsers else ["tests", f"--ignore={PAGES}"]
    return [path for path in paths if path.startswith(PAGES) == part.is_browsers]


def holds(folder, path):
    """Tell whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder + "/")


@contextlib.contextmanager
def begin(part, arguments, missing, folder, live):
    """Start a part; give its Running, whose result prints what it said. What is `live` is printed
    as it comes."""
    if lacking := [name for name in part.needs if name in missing]:
        yield Running(lambda: True, lambda: left_out(part.name, lacking))
        return
    report, output = folder / f"{part.name}.xml", folder / f"{part.name}.txt"
    # Playwright's loop runs in the test's own thread, where Django sees it.
    unsafe = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"} if part.needs == BROWSER else {}
    environment = {**os.environ, "KEFU_TEST_DATABASE": part.database, **unsafe}
    command = pytest(part, report, arguments)
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            **({} if live else {"stdout": file, "stderr": subprocess.STDOUT}),
        )

    def result():
        say(output.read_text(errors="replace").rstrip())
        first = result_of(process.returncode, report)
        if process.returncode != TESTS_FAILED or not 0 < len(failed_tests(report)) <= TRIED_AGAIN:
            return first
        return second_try(first, command, environment, report)

    try:
        yield Running(lambda: process.poll() is not None, result)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def pytest(part, report, arguments):
    """Return the command for a part's tests. It remembers failures beside its report: parts that
    run side by side would forget each other's."""
    command = [str(PYTHON), "-m", "pytest", "-m", part.marker, f"--junit-xml={report}"]
    if part.processes > 1:
        # In the order of the folders: by number of tests, files of few long tests would come last.
        command += ["-n", str(part.processes), "--dist", "loadfile", "--no-loadscope-reorder"]
        # After a process has died, xdist may wait for ever for tests that nobody runs.
        command += ["--max-worker-restart", "0"]
    return [*command, "-o", f"cache_dir={report.with_suffix('')}", *arguments]


def failed_tests(report):
    """Return the tests that pytest remembers beside a report as failed; none where something else
    failed, too, as reading the test files: then --last-failed would run all of them."""
    file = report.with_suffix("") / "v" / "cache" / "lastfailed"
    names = list(json.loads(file.read_text())) if file.exists() else []
    return names if all("::" in name for name in names) else []


def second_try(first, command, environment, report):
    """Run the failed tests of a part once more; return the Result of both."""
    heading(f"the {first.failed} that failed, once more")
    report.unlink()
    alone = [*command, "-n", "0"]
    run_counted([*alone, "--last-failed", "--last-failed-no-failures=none"], report, environment)
    names = tuple(name for name, outcome in outcomes(report) if outcome == "passed")
    return Result(first.passed + len(names), first.failed - len(names), first.skipped, names)


def left_out(part, lacking):
    """Tell how to install what a part lacks: a failure if KEFU_REQUIRE names it, else a skip."""
    if packages := [name for name in lacking if name != MYSQL]:
        say(f"{', '.join(packages)} missing; as root run:\n{apt_line(packages)}")
    if MYSQL in lacking:
        say("MySQL could not be fetched; the reason stands at the beginning")
    required = set(required_parts()) & set(part.split())
    return Result(failed=1) if required else Result(skipped=1)


def heading(title):
    """Print the title of a part."""
    say(f"\n=== {title} ===")
