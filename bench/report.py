"""The output of bin/bench: an introduction, and the tables at the end."""

import os
import unicodedata

from . import answers, channels, goals, pushes, storms
from .options import Options
from .scenarios import WHO
from .servers import NAMES

LOAD = (
    "",
    "delivered/s",
    "(range)",
    "ack p50",
    "p99 ms",
    "CPU ms/msg",
    "(range)",
    "of it DB",
    "× less",
    "alone ms",
)
PAGES = ("", "CPU", "of it DB", "until the answer", "bytes")
PLANS = {
    "dense": "{0} groups, {1} agents",
    "sparse": "{0} groups, {1} agents",
    "groups": "{0:,} groups, {1} agents",
    "everyone": "{0} groups, {1} agents, left to everyone",
    "assign": "{0} groups, {1} agents, assigned",
    "assisted": "{0} groups, {1} agents, beside an assistant",
}


def introduce(asked: Options, facts: dict[str, str], seconds: float) -> None:
    """Prints what will be measured, how long it takes, and the machine."""
    print(
        "Kefu against a textbook Channels chat and a batched one in Node, on the same tables: "
        "visitors write, five agents receive\neach message. Databases and servers are throwaway "
        "ones; your installation is "
        f"not touched. It takes about {max(1, round(seconds / 60))} min "
        f"({asked.sizes.name}: {', '.join(asked.scenarios)})."
    )
    for name, fact in facts.items():
        print(f"  {name:12} {fact}")
    if os.getloadavg()[0] > 0.5:
        print("  Something else keeps this machine busy: trust the ratios, not the figures.")


def tables(result: dict) -> None:
    """Prints a table of the load for each database, and the goals."""
    for kind, name in NAMES.items():
        rows = load_rows(result, kind)
        if rows:
            print(f"\n{name} (medians of {result['sizes']['rounds']})")
            show([LOAD, *rows])
    if result["storms"]:
        print("\nStorms")
        show(storm_rows(result["storms"]), right=False)
    for found in result["answers"]:
        where = f"{NAMES[found['database']]}, {found['server']}"
        print(f"\n{where}, the assistant: {'; '.join(answers.figures(found))}")
    for found in result["channels"]:
        where = f"{NAMES[found['database']]}, {found['server']}"
        print(f"\n{where}, channels: {'; '.join(channels.figures(found))}")
    for found in result["pushes"]:
        print(f"\n{NAMES[found['database']]}, {found['server']}: {pushes.figures(found)}")
    if result["http"]:
        print("\nPages by HTTP, milliseconds for a request")
        show([PAGES, *http_rows(result["http"])])
    smaller = "" if result["sizes"]["name"] == "full" else " (meant for the full sizes)"
    print(f"\nGoals{smaller}")
    marks = {True: "reached", False: "NOT REACHED", None: "not at this size"}
    show(
        [
            ("", "goal", "measured", ""),
            *(
                (goal["what"], goal["goal"], goal["value"], marks[goal["reached"]])
                for goal in result["goals"]
                if goal["value"] != goals.NOTHING
            ),
        ],
        right=False,
    )


def storm_rows(results: list[dict]) -> list[tuple[str, ...]]:
    """A row for each storm: where, what, and its figures."""
    return [
        (
            f"{NAMES[result['database']]}, {result['server']}",
            result["title"],
            "; ".join(storms.figures(result)),
        )
        for result in results
    ]


def http_rows(results: list[dict]) -> list[tuple[str, ...]]:
    """A row for each page on each database and server, with the columns of PAGES."""
    return [
        (
            f"{NAMES[result['database']]}, {result['server']}: {page}",
            f"{goals.page_ms(found):.2f}",
            f"{found['database_ms']:.2f}",
            f"{found['ms']:.2f}",
            f"{found['bytes']:,}",
        )
        for result in results
        for page, found in result["pages"].items()
    ]


def load_rows(
    result: dict, kind: str, only: set[tuple[str, str]] | None = None
) -> list[tuple[str, ...]]:
    """A row for each subject on a database, or for those whose plan and `who` are in `only`, with
    the columns of LOAD."""
    subjects = [subject for subject in result["load"] if subject["database"] == kind]
    chosen = [one for one in subjects if only is None or (one["plan"], one["who"]) in only]
    return [
        (title(subject, result["sizes"]), *cells(subject, subjects))
        for subject in chosen
        if "load" in subject["median"]
    ] or [
        (title(subject, result["sizes"]), *[""] * 8, alone(subject))
        for subject in chosen
        if "lone" in subject["median"]
    ]


def title(subject: dict, sizes: dict) -> str:
    plan = PLANS[subject["plan"]].format(*sizes[subject["plan"]])
    several = f" × {subject['workers']}" if subject["workers"] > 1 else ""
    return f"{plan}: {WHO[subject['who']]}, {subject['server']}{several}"


def cells(subject: dict, subjects: list[dict]) -> tuple[str, ...]:
    median, ends = subject["median"]["load"], subject["range"]["load"]
    cpu, low_high = median["cpu_ms"], ends["cpu_ms"]["message"]
    return (
        f"{median['per_second']:,.0f}",
        f"{ends['per_second'][0]:,.0f}–{ends['per_second'][1]:,.0f}",
        f"{median['ack_ms']['p50']:.1f}",
        f"{median['ack_ms']['p99']:.1f}",
        f"{cpu['message']:.3f}",
        f"{low_high[0]:.3f}–{low_high[1]:.3f}",
        f"{cpu['database']:.3f}",
        times_less(subject, subjects),
        alone(subject),
    )


def times_less(subject: dict, subjects: list[dict]) -> str:
    """How many times less CPU than the textbook it takes under the same load; "" if unknown."""
    same = ("plan", "server", "workers")
    for other in subjects:
        if other["who"] == "textbook" and all(other[key] == subject[key] for key in same):
            theirs, ours = (one["median"]["load"]["cpu_ms"]["message"] for one in (other, subject))
            return f"{theirs / ours:.1f}" if ours else ""
    return ""


def alone(subject: dict) -> str:
    lone = subject["median"].get("lone")
    return f"{lone['ack_ms']['p50']:.2f}" if lone else ""


def show(rows: list[tuple[str, ...]], right: bool = True) -> None:
    """Prints a table; all columns but the first are right-aligned if `right`."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for number, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            space = " " * (wide - width(cell))
            cells.append(space + cell if right and number else cell + space)
        print("  ".join(cells).rstrip())


def width(text: str) -> int:
    """Columns of a text on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
