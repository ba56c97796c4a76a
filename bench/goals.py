"""The goals of performance, and whether the results reach them."""

from dataclasses import dataclass

from . import answers, channels, pushes
from .servers import NAMES

TIMES_LESS = {"daphne": 20, "uvicorn": 40}
"""How many times less CPU than the textbook a delivered message must take, server and database
together."""
NOTHING = "not measured"
ELSEWHERE = "measured elsewhere, on other hardware"
GO_FLY = 310
"""Messages per second that go-fly (in Go) delivered to one agent. The goal is ten times as many, to
five agents."""
NODE = 1.4
"""How many times the CPU of the batched Node chat (bench/node) a message may take."""
LONE = (2.5, 4.5)
"""Milliseconds until a lone message is acknowledged: the goal, and what the textbook takes."""
GROUPS, ROUTED, STREAMED, REDIS, GROWN, QUERIES, IDLE_KIB = 1.2, 1.15, 1.05, 1.05, 1.5, 25, 40
ASSISTED = 1.05
YEARS_MS = {"home": 500, "report of 90 days": 1_000, "archive, a rare word": 1_000}
"""Milliseconds in which an administrator's page is there after years of service."""
BYTES = {"visitor": 45_000, "workspace": 120_000, "widget.js": 3_000}
SEARCH_MS = {5_000: 20, 50_000: 60}
"""Milliseconds of a search (95th percentile), by the number of articles."""
PAGE_CPU_MS = {"visitor": 6, "workspace": 20, "conversation": 20, "widget's look": 1}
"""CPU milliseconds of server and database for one request of a page."""
BACK_S, STORM_ACK_MS = 12, 1_000
"""Seconds until 10,000 pages are back after their server was lost, and the acknowledgement of an
agent's message meanwhile."""


@dataclass(frozen=True)
class Goal:
    """A row of the table. `reached` is None without a result, or with too few measurements."""

    what: str
    goal: str
    value: str = NOTHING
    reached: bool | None = None


def rows(found: dict) -> list[Goal]:
    """All goals, compared with the results of a benchmark (run.py); those for MySQL, on which only
    some is measured, where there are results."""
    return [goal for goal in all_rows(found) if "MySQL" not in goal.what or goal.value != NOTHING]


def all_rows(found: dict) -> list[Goal]:
    load = found.get("load", [])
    return [
        *against_textbook(load),
        against_go_fly(load),
        against_node(load),
        *lone(load),
        groups(load),
        *routing(load),
        without(load, "unstreamed", "the stream", STREAMED),
        without(load, "unredis", "Redis", REDIS),
        *growth(found.get("growth", [])),
        *years(found.get("years", [])),
        *knowledge(found.get("knowledge", [])),
        *assistant(load, found.get("answers", [])),
        *(Goal(*fields) for fields in channels.goals(found.get("channels", []))),
        *(Goal(*fields) for fields in pushes.goals(found.get("pushes", []))),
        *storms(found.get("storms", [])),
        *idle(found.get("idle", [])),
        *pages(found.get("pages")),
        *page_cpu(found.get("http", [])),
    ]


def pick(load: list[dict], who: str, part: str = "load", **fields) -> dict | None:
    """The medians of `part` for one subject, by default with one process. None without results, and
    if no message was delivered, because its cost would be meaningless."""
    fields = {"plan": "dense", "workers": 1, "who": who, **fields}
    for result in load:
        if all(result[name] == value for name, value in fields.items()):
            figures = result["median"].get(part)
            return figures if figures and figures["delivered"] else None
    return None


def cost(figures: dict) -> float:
    """CPU milliseconds of server and database for one delivered message."""
    return figures["cpu_ms"]["message"]


def against_textbook(load: list[dict]) -> list[Goal]:
    found = []
    for kind, name in NAMES.items():
        for server, times in TIMES_LESS.items():
            what = f"CPU per message against the textbook, {name}, {server}"
            where = {"database": kind, "server": server}
            ours, theirs = pick(load, "kefu", **where), pick(load, "textbook", **where)
            if not ours or not theirs:
                found.append(Goal(what, f"≥ {times}× less"))
                continue
            ratio = cost(theirs) / cost(ours)
            value = f"{ratio:.1f}× ({cost(ours):.3f} against {cost(theirs):.2f} ms)"
            found.append(Goal(what, f"≥ {times}× less", value, ratio >= times))
    return found


def against_go_fly(load: list[dict]) -> Goal:
    """A goal against a result of other software on other hardware, which is only a hint."""
    what = (f"delivered/s against go-fly ({ELSEWHERE})", f"≥ 10 × {GO_FLY}")
    ours = [pick(load, "kefu", database="mysql", server=server) for server in TIMES_LESS]
    if not all(ours):
        return Goal(*what)
    least = min(figures["per_second"] for figures in ours)
    return Goal(*what, f"{least:,.0f}/s, {least / GO_FLY:.0f}×", least >= 10 * GO_FLY)


def against_node(load: list[dict]) -> Goal:
    what = (f"CPU per message against batched Node, {NAMES['mysql']}, uvicorn", f"≤ {NODE}×")
    ours = pick(load, "kefu", database="mysql", server="uvicorn")
    theirs = pick(load, "node", database="mysql")
    if not ours or not theirs:
        return Goal(*what)
    ratio = cost(ours) / cost(theirs)
    value = f"{ratio:.2f}× ({cost(ours):.3f} against {cost(theirs):.3f} ms)"
    return Goal(*what, value, ratio <= NODE)


def lone(load: list[dict]) -> list[Goal]:
    found = []
    for kind, name in NAMES.items():
        what = f"lone message, acknowledged (p50), {name}, the slower server"
        goal = f"≤ {LONE[0]} ms where the textbook takes {LONE[1]} ({LONE[0] / LONE[1]:.2f}×)"
        pairs = [
            [pick(load, who, "lone", database=kind, server=server) for who in ("kefu", "textbook")]
            for server in TIMES_LESS
        ]
        pairs = [[one["ack_ms"]["p50"] for one in pair] for pair in pairs if all(pair)]
        if not pairs:
            found.append(Goal(what, goal))
            continue
        ours, theirs = max(pairs, key=lambda pair: pair[0] / pair[1])
        value = f"{ours:.2f} against {theirs:.2f} ms ({ours / theirs:.2f}×)"
        found.append(Goal(what, goal, value, ours / theirs <= LONE[0] / LONE[1]))
    return found


def groups(load: list[dict]) -> Goal:
    what = "CPU per message at 1,000 groups against 100"
    return compared(load, {}, {"plan": "groups"}, what=what, most=GROUPS)


ROUTING = [
    ("CPU per message", cost),
    ("acknowledged (p50)", lambda figures: figures["ack_ms"]["p50"]),
    ("acknowledged (p99)", lambda figures: figures["ack_ms"]["p99"]),
]


def routing(load: list[dict]) -> list[Goal]:
    words, plans = (
        "where a team assigns against everyone",
        ({"plan": "everyone"}, {"plan": "assign"}),
    )
    return [
        compared(load, *plans, what=f"{what} {words}", figure=figure, most=ROUTED)
        for what, figure in ROUTING
    ]


def assistant(load: list[dict], results: list[dict]) -> list[Goal]:
    words, plans = "beside an assistant against without", ({}, {"plan": "assisted"})
    return [
        compared(load, *plans, what=f"{what} {words}", figure=figure, most=ASSISTED)
        for what, figure in ROUTING[:2]
    ] + [Goal(*fields) for fields in answers.goals(results)]


def without(load: list[dict], who: str, part: str, most: float) -> Goal:
    """What a part of Kefu costs, which the subject `who` does without."""
    what = f"CPU per message with {part} against without"
    return compared(load, {"who": who}, {}, what=what, most=most)


def compared(
    load: list[dict], one: dict, other: dict, *, what: str, most: float, figure=cost
) -> Goal:
    """What a figure becomes where `other` is measured in place of `one`: fields of `pick` in which
    they differ from Kefu under the usual load."""
    what, goal = f"{what}, the worst", f"≤ {most}×"
    values = {}
    for kind, name in NAMES.items():
        for server in TIMES_LESS:
            where = {"database": kind, "server": server}
            before, after = (
                pick(load, **{"who": "kefu", **where, **this}) for this in (one, other)
            )
            if before and after and figure(before):
                values[f"{name}, {server}"] = figure(before), figure(after)
    if not values:
        return Goal(what, goal)
    worst = max(values, key=lambda place: values[place][1] / values[place][0])
    before, after = values[worst]
    value = f"{after / before:.2f}× ({before:.3g} → {after:.3g} ms, {worst})"
    return Goal(what, goal, value, after / before <= most)


def growth(results: list[dict]) -> list[Goal]:
    by_kind, found = {result["database"]: result["sizes"] for result in results}, []
    for kind, name in NAMES.items():
        small, large = ([one["median"] for one in by_kind.get(kind, [])] or [None] * 2)[:2]
        for page, title in (("history", "history page"), ("inbox", "inbox, first page")):
            what = f"{title}, 5 M messages against 50,000, {name}"
            goal = f"≤ {GROWN}×"
            if not small:
                found.append(Goal(what, goal))
                continue
            before, after = small[page]["ms"], large[page]["ms"]
            value = f"{after / before:.2f}× ({before:.1f} → {after:.1f} ms)"
            found.append(Goal(what, goal, value, after / before <= GROWN))
        what, goal = f"queries of the workspace, {name}", f"≤ {QUERIES}"
        if small:
            counts = [size["workspace"]["queries"] for size in (small, large)]
            value = " and ".join(f"{count:.0f}" for count in counts)
            found.append(Goal(what, goal, value, max(counts) <= QUERIES))
        else:
            found.append(Goal(what, goal))
    return found


def years(results: list[dict]) -> list[Goal]:
    by_kind, found = {result["database"]: result["pages"] for result in results}, []
    enough = all(result["messages"] >= 10_000_000 for result in results)
    for kind, name in NAMES.items():
        for page, most in YEARS_MS.items():
            what = f"{page}, 10 M messages and 1 M receptions, {name}"
            goal = f"≤ {most:,} ms"
            if kind not in by_kind:
                found.append(Goal(what, goal))
                continue
            taken = by_kind[kind][page]
            value = f"{taken['ms']:.0f} ms (90th percentile {taken['p90_ms']:.0f})"
            found.append(Goal(what, goal, value, taken["ms"] <= most if enough else None))
    return found


def knowledge(results: list[dict]) -> list[Goal]:
    by_kind, found = {result["database"]: result["sizes"] for result in results}, []
    for kind, name in NAMES.items():
        sizes = by_kind.get(kind, [None] * len(SEARCH_MS))
        for (number, most), size in zip(SEARCH_MS.items(), sizes, strict=True):
            what, goal = f"search among {number:,} articles, p95, {name}", f"≤ {most} ms"
            if size is None:
                found.append(Goal(what, goal))
                continue
            value = f"{size['p95_ms']:.1f} ms (p50 {size['p50_ms']:.1f})"
            enough = size["articles"] >= number
            found.append(Goal(what, goal, value, size["p95_ms"] <= most if enough else None))
    return found


def storms(results: list[dict]) -> list[Goal]:
    found = []
    for kind, name in NAMES.items():
        lost = [one for one in results if one["database"] == kind and one["name"] == "lose"]
        back = Goal(f"all pages back after their server was lost, {name}", f"≤ {BACK_S} s")
        acks = Goal(f"acknowledged (p99) meanwhile, {name}", f"≤ {STORM_ACK_MS:,} ms")
        for one in lost:
            enough = one["number"] >= 9_800
            value = f"{one['all_s']:.1f} s ({one['number']:,} pages)"
            back = Goal(*(back.what, back.goal, value), one["all_s"] <= BACK_S if enough else None)
            p99 = one["ack_meanwhile"]["p99"]
            acks = Goal(
                *(acks.what, acks.goal, f"{p99:,.0f} ms"), p99 <= STORM_ACK_MS if enough else None
            )
        found += [back, acks]
    return found


def idle(results: list[dict]) -> list[Goal]:
    by_server, found = {result["server"]: result for result in results}, []
    for server in TIMES_LESS:
        what, goal = f"10,000 idle sockets on one process, {server}", f"≤ {IDLE_KIB} KiB each"
        result = by_server.get(server)
        if result is None:
            found.append(Goal(what, goal))
            continue
        value = f"{result['kib']:.1f} KiB each, {result['sockets']:,} sockets"
        reached = result["kib"] <= IDLE_KIB if result["sockets"] >= 9_800 else None
        found.append(Goal(what, goal, value, reached))
    return found


def pages(result: dict | None) -> list[Goal]:
    found = []
    for page, limit in BYTES.items():
        what, goal = f"{page}, bytes transferred at a first visit", f"≤ {limit:,}"
        size = (result or {}).get("pages", {}).get(page)
        if size is None:
            found.append(Goal(what, goal))
            continue
        value = f"{size['bytes']:,} in {size['requests']} requests"
        found.append(Goal(what, goal, value, size["bytes"] <= limit))
    what = ("requests of a page to other hosts", "0")
    if result is None:
        return [*found, Goal(*what)]
    return [*found, Goal(*what, str(len(result["foreign"])), not result["foreign"])]


def page_cpu(results: list[dict]) -> list[Goal]:
    found = []
    for kind, name in NAMES.items():
        mine = [one for one in results if one["database"] == kind]
        for page, most in PAGE_CPU_MS.items():
            what, goal = f"CPU of a request, {page}, {name}, the slower server", f"≤ {most} ms"
            if not mine:
                found.append(Goal(what, goal))
                continue
            costs = {one["server"]: page_ms(one["pages"][page]) for one in mine}
            worst = max(costs, key=costs.get)
            enough = all(one["requests"] >= 100 for one in mine)
            reached = costs[worst] <= most if enough else None
            found.append(Goal(what, goal, f"{costs[worst]:.2f} ms ({worst})", reached))
    return found


def page_ms(figures: dict) -> float:
    """CPU milliseconds of server and database for a request."""
    return figures["server_ms"] + figures["database_ms"]
