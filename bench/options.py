"""The options of bin/bench. It uses the standard library only: bin/bench imports it before it
installs packages."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASES = {
    **{"sqlite": ["sqlite"], "mariadb": ["mysql"], "mysql": ["mysql"], "mysql8": ["mysql8"]},
    "both": ["sqlite", "mysql"],
}
SERVERS = {"daphne": ["daphne"], "uvicorn": ["uvicorn"], "both": ["daphne", "uvicorn"]}
WORKERS = {"1": [1], "2": [2], "both": [1, 2]}
SCENARIOS = {
    "dense": "100 groups, 20 agents",
    "lone": "one message at a time on an idle server",
    "sparse": "500 groups, 500 agents",
    "groups": "1,000 groups against 100",
    "routing": "100 groups whose team assigns, against everyone",
    "stream": "100 groups with the stream of events, against without",
    "idle": "10,000 sockets that say nothing",
    "growth": "5 million messages and 10,000 conversations an agent against 50,000 and 100",
    "years": "the administrators' pages with 10 million messages and a million receptions",
    "knowledge": "search among 5,000 articles, and among 50,000",
    "assistant": "messages beside an assistant against without, and 200 of its answers at once",
    "channels": "messages beside channels against without, WeChat's calls, and mails",
    "push": "how soon after a message the phones of its agents have a push",
    "storms": "10,000 pages that lose their server, 2,000 new visitors in a minute, 200 sign-ins, "
    "500 who ask the assistant, a team of 300, a conversation of 100,000 messages, 5,000 who wait",
    "pages": "bytes of the pages",
    "http": "CPU of the pages, and of the widget's look",
}


@dataclass(frozen=True)
class Sizes:
    """How much is measured: `rounds` interleaved runs of each subject, and their medians. `seconds`
    of load after `warmup` seconds, and `lone` seconds with one message at a time."""

    name: str
    rounds: int
    seconds: float
    warmup: float
    lone: float
    dense: tuple[int, int] = (100, 20)
    sparse: tuple[int, int] = (500, 500)
    groups: tuple[int, int] = (1_000, 20)
    everyone: tuple[int, int] = (100, 20)
    assign: tuple[int, int] = (100, 20)
    assisted: tuple[int, int] = (100, 20)
    """Numbers of groups and agents; each group has one visitor and 5 of the agents."""
    idle: int = 10_000
    calm: float = 20
    """Seconds for which the CPU of the idle sockets is measured."""
    growth: tuple[int, int] = (100, 10_000)
    """Conversations of each agent on the small and the grown database, with `each` messages. With
    20 agents, 5 of whom share a conversation, these are 50,000 and 5,000,000 messages."""
    years: int = 20_000
    """Conversations of each agent on the database with years of service: 10,000,000 messages, and
    1,000,000 receptions."""
    knowledge: tuple[int, int] = (5_000, 50_000)
    questions: int = 200
    """Articles of two enterprises, and searches in each."""
    answers: tuple[int, int] = (100, 200)
    """Answers of the assistant, one after the other and at once."""
    mails: int = 1_000
    pushes: int = 100
    storms: tuple[int, ...] = (10_000, 2_000, 200, 300, 100_000, 5_000)
    """Pages that lose their server, new visitors, agents who sign in, members of a team, messages
    of a conversation, conversations that wait."""
    minute: float = 60
    """Seconds within which the new visitors come; the agents come within a sixth of it."""
    each: int = 125
    requests: int = 30
    """Requests of each page in a round."""
    page_views: int = 300
    """Requests of each page by HTTP."""
    scenarios: tuple[str, ...] = tuple(SCENARIOS)
    workers: str = "both"
    kept: bool = True
    """Whether to measure the textbook with kept connections, too. This and the two above are
    defaults."""


FULL = Sizes("full", rounds=3, seconds=3, warmup=1, lone=1.5)
QUICK = Sizes(
    *("quick", 1, 1.5, 0.5, 0.5),
    groups=(300, 20),
    idle=500,
    calm=3,
    growth=(20, 200),
    requests=10,
    page_views=100,
    years=500,
    knowledge=(500, 2_000),
    mails=500,
    storms=(1_000, 200, 20, 60, 5_000, 500),
    minute=10,
    scenarios=("dense", "lone", "groups", "idle", "growth", "pages"),
    workers="1",
    kept=False,
)
TINY = Sizes(
    *("tiny", 1, 0.5, 0.2, 0.2),
    dense=(5, 5),
    sparse=(8, 8),
    groups=(10, 5),
    everyone=(5, 5),
    assign=(5, 5),
    assisted=(5, 5),
    answers=(3, 5),
    idle=20,
    calm=0.5,
    growth=(4, 8),
    years=4,
    knowledge=(20, 40),
    mails=10,
    pushes=3,
    questions=4,
    storms=(20, 5, 3, 12, 250, 20),
    minute=1,
    each=70,
    requests=3,
    page_views=3,
)


@dataclass(frozen=True)
class Options:
    """`folder` gets the results and, during the run, the databases."""

    databases: list[str]
    servers: list[str]
    workers: list[int]
    scenarios: list[str]
    sizes: Sizes
    docs: bool
    source: Path | None
    folder: Path


def read(arguments: list[str]) -> Options:
    """Parses `arguments`; ends the program with one line if they are wrong."""
    parser = Parser(
        prog="bin/bench",
        description="Measures Kefu against a textbook Channels chat on the same tables. It starts "
        "databases and servers of its own in a temporary folder; your installation is not "
        "touched. Keep the machine otherwise idle. It takes more than half an hour on two cores.",
        epilog="What may follow --only: "
        + "; ".join(f"{name}: {text}" for name, text in SCENARIOS.items()),
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="smaller and once only: two minutes, rough figures")
    add("--tiny", action="store_true", help="seconds, to see that it works; no figures")
    add("--only", type=scenarios, metavar="A,B", help="default: all")
    add(
        "--database",
        choices=DATABASES,
        default="both",
        help="mariadb, also called mysql, is MariaDB with Redis, mysql8 MySQL with Redis; both are "
        "SQLite and MariaDB",
    )
    add("--server", choices=SERVERS, default="both")
    add("--workers", choices=WORKERS, help="processes; 2 not with SQLite")
    add("--docs", action="store_true", help="write figures and charts to docs/")
    add("--from", dest="source", type=results, help="with --docs: these results, no measuring")
    given = parser.parse_args(arguments)
    if given.quick and given.tiny:
        parser.error("--quick or --tiny, not both")
    if given.source and not given.docs:
        parser.error("--from FILE goes with --docs")
    if given.workers == "2" and given.database == "sqlite":
        parser.error("--workers 2 needs --database mariadb: several processes need Redis")
    sizes = TINY if given.tiny else QUICK if given.quick else FULL
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").absolute()
    return Options(
        databases=DATABASES[given.database],
        servers=SERVERS[given.server],
        workers=WORKERS[given.workers or sizes.workers],
        scenarios=given.only or list(sizes.scenarios),
        sizes=sizes,
        docs=given.docs,
        source=given.source,
        folder=data_dir / "bench",
    )


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """Prints one line, without the usage."""
        self.exit(2, f"error: {message} (bin/bench --help tells what there is)\n")


def scenarios(text: str) -> list[str]:
    """The scenarios in `text`, in the order of SCENARIOS."""
    names = {name.strip() for name in text.split(",")}
    if unknown := sorted(names - set(SCENARIOS)):
        raise argparse.ArgumentTypeError(
            f"{unknown[0]!r} is none of {', '.join(SCENARIOS)}, separated by commas"
        )
    return [name for name in SCENARIOS if name in names]


def results(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path
