"""Writes the results of a benchmark to docs/performance.md, between two markers, and draws its
charts. Do not edit that part of the page by hand."""

from collections.abc import Iterable, Sequence

from . import growth, report
from .chart import Group, bars
from .options import ROOT
from .servers import NAMES

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"
SERIES = ["textbook", "textbook, connections kept", "Kefu"]
SERVERS = ("daphne", "uvicorn")
SHOWN = {("dense", "textbook"), ("dense", "kefu"), ("dense", "node"), ("sparse", "kefu")}
"""Plan and subject of the rows in the page's tables of load."""
LEFT_OUT = ("(range)", "of it DB")
"""Columns that these tables do not have. The results in $DATA_DIR have all."""


def write(result: dict) -> None:
    """Writes the charts, and replaces the part of the page between the markers."""
    charts = {name: svg for name, svg in draw(result).items() if svg}
    for name, svg in charts.items():
        (IMAGES / f"performance-{name}.svg").write_text(svg)
    before, begin, rest = PAGE.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"error: {PAGE} has lost its markers {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n{figures(result, list(charts))}\n{END}{after}")
    print(f"written to {PAGE} and {IMAGES}")


def figures(result: dict, charts: list[str]) -> str:
    """The part between the markers, in Markdown."""
    sizes = result["sizes"]
    kind = f"`bin/bench{'' if sizes['name'] == 'full' else ' --' + sizes['name']}`"
    parts = [
        f"Measured {result['at']} by {kind} in {result['minutes']:.0f} minutes, "
        f"medians of {sizes['rounds']} interleaved rounds of {sizes['seconds']:g} s.",
        table(("machine", ""), list(result["machine"].items())),
        "### Goals",
        goals_table(result["goals"]),
    ]
    if result["load"]:
        parts += ["### Under load", *images(charts, "rate")]
        for database, name in NAMES.items():
            rows = report.load_rows(result, database, SHOWN)
            if rows:
                shown = [at for at, column in enumerate(report.LOAD) if column not in LEFT_OUT]
                head, *rows = ([row[at] for at in shown] for row in (report.LOAD, *rows))
                parts += [f"**{name}**", table(head, rows)]
    if result["growth"]:
        parts += ["### Grown", *images(charts, "growth"), growth_table(result["growth"])]
    if result["years"]:
        parts += ["### Years of service", years_table(result["years"])]
    if result["storms"]:
        head = "on", "storm", "what was measured"
        parts += ["### Storms", table(head, report.storm_rows(result["storms"]))]
    if result["http"]:
        rows = report.http_rows(result["http"])
        parts += ["### Pages by HTTP, ms for a request", table(report.PAGES, rows)]
    return "\n\n".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def goals_table(goals: list[dict]) -> str:
    marks = {True: "yes", False: "**no**", None: "not measured"}
    return table(
        ("what", "goal", "measured", "reached"),
        [(one["what"], one["goal"], one["value"], marks[one["reached"]]) for one in goals],
    )


def growth_table(results: list[dict]) -> str:
    """A table with the median of each page, on the small and the grown database."""
    names = list(results[0]["sizes"][0]["median"])
    rows = []
    for page in names:
        cells = []
        for result in results:
            before, after = (size["median"][page] for size in result["sizes"])
            cells.append(f"{before['ms']:.1f} → {after['ms']:.1f}")
        rows.append((page, *cells))
    small, large = results[0]["sizes"]
    head = ["page", *(f"{NAMES[result['database']]}, ms" for result in results)]
    text = (
        f"{small['messages']:,} messages and {small['conversations']:,} conversations an agent → "
        f"{large['messages']:,} and {large['conversations']:,}. Disk for a message of "
        f"{len(growth.TEXT)} Chinese characters, its indexes and its part of the rest included: "
        + ", ".join(
            f"{NAMES[result['database']].split()[0]} {grown['disk'] / grown['messages']:.0f} bytes"
            for result in results
            for grown in result["sizes"][1:]
        )
        + "."
    )
    return f"{text}\n\n{table(tuple(head), rows)}"


def years_table(results: list[dict]) -> str:
    """A table of the pages that administrators open, on databases with years of service."""
    rows = []
    for page in results[0]["pages"]:
        cells = []
        for result in results:
            found = result["pages"][page]
            cells += [f"{found['ms']:.0f}", f"{found['p90_ms']:.0f}", f"{found['queries']:.0f}"]
        rows.append((page, *cells))
    head = ["page"]
    for result in results:
        head += [f"{NAMES[result['database']]}, ms", "90th percentile", "queries"]
    made = results[0]
    text = f"{made['messages']:,} messages and {made['receptions']:,} receptions of a year."
    return f"{text}\n\n{table(tuple(head), rows)}"


def images(charts: list[str], *names: str) -> list[str]:
    texts = {
        "rate": "Messages delivered in a second, textbook and Kefu",
        "growth": "Time of a page on a small and on a grown database",
    }
    return [f"![{texts[name]}](images/performance-{name}.svg)" for name in names if name in charts]


def draw(result: dict) -> dict[str, str | None]:
    """The charts by name; None for one without results."""
    return {
        "cpu": load_chart(
            result["load"],
            "CPU of server and database for one delivered message",
            "ms, less is better",
            lambda median: median["cpu_ms"]["message"],
            2,
        ),
        "rate": load_chart(
            result["load"],
            "Messages delivered in a second, to five agents each",
            "per second, more is better",
            lambda median: median["per_second"],
            0,
        ),
        "growth": growth_chart(result["growth"]),
    }


def load_chart(load: list[dict], title: str, unit: str, value_of, digits: int) -> str | None:
    groups = []
    for kind, name in NAMES.items():
        for server in SERVERS:
            found = {
                one["who"]: value_of(one["median"]["load"])
                for one in load
                if (one["database"], one["server"], one["plan"], one["workers"])
                == (kind, server, "dense", 1)
                and "load" in one["median"]
            }
            if found:
                values = [found.get(who) for who in ("textbook", "kept", "kefu")]
                groups.append(Group(f"{name}, {server}", values))
    return bars(title, unit, SERIES, groups, digits) if groups else None


def growth_chart(results: list[dict]) -> str | None:
    groups = [
        Group(
            f"{page}, {NAMES[result['database']].split()[0]}",
            [size["median"][page]["ms"] for size in result["sizes"]],
        )
        for page in ("workspace", "inbox", "history")
        for result in results
    ]
    if not groups:
        return None
    series = [f"{size['messages']:,} messages" for size in results[0]["sizes"]]
    return bars("Time of a page as the database grows", "ms, less is better", series, groups)
