"""Channels: what a message of the page costs with some beside, how soon the calls of a WeChat
official account are answered while people write, and how fast mails are fetched.

`python -m bench.channels fill SIZES PORTS` fills an empty database as data.py does, with channels,
and writes {"plan", "channels": {kind: [id, path]}} as JSON; `… serve PORTS NUMBER` is their other
sides, and so many mails; `… fetch NUMBER PORTS` fetches those into an empty database.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.fakes import imap, smtp, telegram, weixin, weixin_kf
from tests.plugins import services

from . import data, servers
from .measure import memory_kib, spread
from .options import ROOT, Options
from .progress import Progress

ALLOWED = {"CHANNEL_ALLOW": "127.0.0.0/8"}
BEGUN = 3
"""Seconds after which what a server begins with, channels among it, is over."""
PATIENCE = 10
"""Seconds after which a message of the page counts as lost."""
CALLERS, EVERY = 10, 0.2
"""People who write to the official account, and seconds between two messages of one."""
LARGE, SMALL = 30_000_000, 3_000
"""Bytes of the largest mail, and of each other one."""
LONG_POLL = 25
"""Seconds after which Telegram answers that there is nothing."""
BESIDE, CALL_MS, MAILS, FLAT_MIB = 1.05, 1_000, 50, 64
"""Goals: how many times the CPU a message of the page may take with channels beside; the 99th
percentile of a call; mails a second; and MiB by which the process may grow meanwhile."""
ENOUGH = 500
"""Mails for which that is a goal."""


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    sizes = asked.sizes
    return 15 + 3 * sizes.rounds * (5 + sizes.seconds + sizes.warmup) + sizes.mails / 40


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "server", "off" and "on": CPU ms of a message of the page, "calls",
    "refused", "mails", "faults"}]."""
    server, where = asked.servers[0], servers.NAMES[kind]
    progress.begin(f"{where}: messages of the page beside channels")
    ports = [services.free_port() for _ in range(5)]
    costs, calls, faults = {"off": [], "on": []}, [], {}
    with other_sides(ports, 0), servers.run_database(kind, folder / kind) as database:
        environment = {**database.environment, **ALLOWED}
        sizes = json.dumps(asked.sizes.dense), json.dumps(ports)
        filled = json.loads(servers.run_module("bench.channels", environment, "fill", *sizes))
        path = filled["channels"]["weixin"][1]
        # What a call has left to be taken in would be counted with the messages of the next round.
        for state in [*costs] * asked.sizes.rounds + ["called"] * asked.sizes.rounds:
            for id, _path in filled["channels"].values():
                word = "off" if state == "off" else "on"
                servers.run_module("manage", environment, "channel", word, "dense", id)
            running = servers.run_servers(server, servers.OURS, environment, folder / "log", 1)
            with running as (pids, opened):
                job = {
                    **{"plan": filled["plan"], "ports": opened, "ours": True, "lone": 0},
                    **{"warmup": asked.sizes.warmup, "seconds": asked.sizes.seconds},
                    **{"patience": PATIENCE},
                    "pids": {"server": pids, "database": database.pids},
                }
                time.sleep(BEGUN)
                url = f"http://127.0.0.1:{opened[0]}{path}" if state == "called" else ""
                with calling(url, calls):
                    text = servers.run_module("bench.load", environment, input=json.dumps(job))
            found = json.loads(text)
            faults |= found["faults"] | ({"messages lost": found["lost"]} if found["lost"] else {})
            if state in costs:
                costs[state].append(found["load"]["cpu_ms"]["message"])
    result = {
        **{"database": kind, "server": server, "faults": faults},
        **{state: statistics.median(ones) for state, ones in costs.items()},
        "calls": spread([took for status, took in calls if status == 200]),
        "refused": sum(status != 200 for status, _took in calls),
        "mails": mails(kind, folder / f"mails-{kind}", asked.sizes.mails, ports),
    }
    progress.end(seconds_of(asked), f"{where}, {server}, channels: {'; '.join(figures(result))}")
    return [result]


@contextmanager
def other_sides(ports: list[int], number: int):
    """Context manager of the process with the other sides, in whose mailbox are so many mails."""
    command = [sys.executable, "-m", "bench.channels", "serve", str(number), json.dumps(ports)]
    # They complain of each connection that a server's end breaks.
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, **quiet) as process:
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


@contextmanager
def calling(url: str, calls: list):
    """Context manager that has the official account call there meanwhile, if at all; adds (status,
    seconds) of each call."""
    over, fake = threading.Event(), None
    with ThreadPoolExecutor(CALLERS) as pool:
        try:
            if url:
                fake = weixin.Weixin()
                with suppress(urllib.error.HTTPError):
                    urllib.request.urlopen(url, timeout=30)  # The first request loads the views.
                for number in range(CALLERS):
                    pool.submit(write, fake, url, f"person-{number}", over, calls)
            yield
        finally:
            over.set()
    if fake:
        fake.close()


def write(fake: weixin.Weixin, url: str, who: str, over: threading.Event, calls: list) -> None:
    while not over.wait(EVERY):
        query, body = fake.says(who, "您好, 包裹到哪了?")
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{url}?{urlencode(query)}", body, 10) as answer:
                status = answer.status
        except OSError as error:
            status = getattr(error, "code", 0)
        calls.append((status, time.perf_counter() - begun))


def mails(kind: str, folder: Path, number: int, ports: list[int]) -> dict:
    """What `fetch` measures on a new database."""
    with other_sides(ports, number), servers.run_database(kind, folder) as database:
        environment = {**database.environment, **ALLOWED}
        words = "fetch", str(number), json.dumps(ports)
        return json.loads(servers.run_module("bench.channels", environment, *words))


def serve(number: int, ports: list[int]) -> None:
    """The other sides, for ever."""
    first, second, third, reading, writing = ports
    telegram.Telegram(first).delay = LONG_POLL
    weixin.Weixin(second), weixin_kf.WeixinKf(third), smtp.SMTP(writing)
    box = imap.Imap(reading)
    for one in range(number):
        box.put(mail(one, LARGE if one == number // 2 else SMALL))
    print("ready", flush=True)
    threading.Event().wait()


def mail(number: int, size: int) -> bytes:
    head = f"From: p{number % 50}@customer.example\r\nMessage-ID: <{number}@customer.example>\r\n"
    return f"{head}Subject: {number}\r\n\r\n".encode() + b"where is it, please?\r\n" * (size // 22)


def keys(ports: list[int]) -> dict[str, dict[str, str]]:
    """The settings of the channels with these other sides."""
    apis = [{"api": f"http://127.0.0.1:{port}"} for port in ports]
    user, password = quote(imap.USER), quote(imap.PASSWORD)
    return {
        "telegram": {"token": telegram.TOKEN, **apis[0]},
        "weixin": {**weixin.KEYS, **apis[1]},
        "weixin_kf": {**weixin_kf.KEYS, **apis[2]},
        "mail": {
            "address": "shop@example.com",
            "imap": f"imap://{user}:{password}@127.0.0.1:{ports[3]}/INBOX",
            "smtp": f"smtp://127.0.0.1:{ports[4]}",
        },
    }


def fill(sizes: list[int], ports: list[int]) -> dict:
    data.start_django()
    plan = data.fill("dense", *sizes)
    from accounts.models import Enterprise
    from chat.channels import setup

    enterprise = Enterprise.objects.get(code="dense")
    team = enterprise.teams.get()
    made = [setup.add(enterprise, kind, given, team=team) for kind, given in keys(ports).items()]
    return {"plan": plan, "channels": {one.kind: [one.key, setup.path_of(one)] for one in made}}


def fetch(number: int, ports: list[int]) -> dict:
    """Fetches the mails and stores what came, as the server does; then takes it in. Returns mails a
    second of both, and the MiB by which this process has grown at most."""
    data.start_django()
    enterprise, team = data.create_enterprise("mails")
    from chat.channels import arrivals, incoming, kinds, setup
    from chat.models import Channel

    channel = setup.add(enterprise, "mail", keys(ports)["mail"], team=team)
    # As if it had begun before the first mail came.
    cursor = {**channel.cursor, "uid": 0, "began": "2000-01-01T00:00:00+00:00"}
    Channel.objects.filter(pk=channel.pk).update(cursor=cursor)
    before, largest, fetched = memory_kib("self"), 0, 0
    begun = time.perf_counter()
    while fetched < number:
        channel.refresh_from_db()
        page = kinds.adapter_of(channel).fetch(channel)
        arrivals.keep(channel, page.arrived, page.cursor)
        fetched = page.cursor["uid"]
        largest = max(largest, memory_kib("self"))
    stored = time.perf_counter()
    while found := arrivals.waiting(channel, 100):
        for arrival in found:
            incoming.take_in(channel, arrival)
    ended = time.perf_counter()
    return {
        "number": number,
        "fetched": number / (stored - begun),
        "taken_in": number / (ended - stored),
        "grown_mib": (largest - before) / 1024,
    }


def figures(found: dict) -> list[str]:
    """What was measured, in phrases."""
    mails_ = found["mails"]
    return [
        f"a message of the page {found['off']:.3f} → {found['on']:.3f} ms CPU",
        f"calls answered p50 {found['calls']['p50']:.0f}, p99 {found['calls']['p99']:.0f} ms",
        f"{mails_['fetched']:.0f} mails a second fetched ({mails_['taken_in']:.0f} taken in), "
        f"grown by {mails_['grown_mib']:.0f} MiB",
    ]


def goals(results: list[dict]) -> list[tuple]:
    """The goals' fields (goals.Goal) of each database."""
    found = []
    for kind, name in servers.NAMES.items():
        rows = [
            (f"CPU per message with channels beside against without, {name}", f"≤ {BESIDE}×"),
            (f"a call of an official account answered, p99, {name}", f"≤ {CALL_MS:,} ms"),
            (f"mails fetched, one of 30 MB among them, {name}", f"≥ {MAILS} a second"),
            (f"memory meanwhile, {name}", f"≤ {FLAT_MIB} MiB more"),
        ]
        result = next((one for one in results if one["database"] == kind), None)
        if result is None:
            found += rows
            continue
        ratio, p99, mails_ = result["on"] / result["off"], result["calls"]["p99"], result["mails"]
        enough = mails_["number"] >= ENOUGH
        values = [
            (f"{ratio:.2f}×", ratio <= BESIDE),
            (f"{p99:.0f} ms", p99 <= CALL_MS and not result["refused"]),
            (f"{mails_['fetched']:.0f}", mails_["fetched"] >= MAILS),
            (f"{mails_['grown_mib']:.0f} MiB", mails_["grown_mib"] <= FLAT_MIB),
        ]
        found += [
            (*row, value, reached if enough else None)
            for row, (value, reached) in zip(rows, values, strict=True)
        ]
    return found


if __name__ == "__main__":
    match sys.argv[1:]:
        case "fill", sizes, ports:
            json.dump(fill(json.loads(sizes), json.loads(ports)), sys.stdout)
        case "serve", number, ports:
            serve(int(number), json.loads(ports))
        case "fetch", number, ports:
            json.dump(fetch(int(number), json.loads(ports)), sys.stdout)
