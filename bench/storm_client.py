"""The crowd of one storm, in a process of its own: `python -m bench.storm_client NAME`.

It reads a job, one line of JSON: {"plan" (crowd.py), "port", "model" (the port of the one that the
assistant asks; 0 without), "seconds", "number", "pids": {"server", "database"}}, and prints the
results as one line of JSON. Before, it prints `ready` once the server may be taken away.
"""

import asyncio
import random
import sys
import time
from collections.abc import Sequence

from .crowd import CAPACITY, PASSWORD
from .measure import cpu_between, cpu_of, spread
from .model import PRESENT, Model
from .newcomers import Asker, Newcomer
from .storm_crowd import WRITERS, Crowd, run
from .storm_pages import LOGIN, Page, Writer, cookie_line, jar, request

BACK_WITHIN = 120
"""Seconds after which pages that are not back are given up."""
TIMES = 20
"""Requests of each page."""
ROUTED_WITHIN = 60
PAUSE = 0.08
"""Seconds between two pieces of the model's answer: two seconds an answer."""


async def lose_server(crowd: Crowd) -> dict:
    """All pages lose their server at once, and come back."""
    pages = [crowd.visitor_page(cookie) for cookie in crowd.plan["cookies"]]
    await crowd.open_all(pages)
    await crowd.let_agents_write()
    calm = time.perf_counter()
    await asyncio.sleep(3)
    tries = sum(page.tries for page in pages)
    print("ready", flush=True)
    while all(page.open.is_set() for page in pages):
        await asyncio.sleep(0.01)
    lost = time.perf_counter()
    everybody = [*pages, *(writer.page for writer in crowd.writers)]
    while any(page.back_at < lost for page in everybody):
        if time.perf_counter() > lost + BACK_WITHIN:
            crowd.fault("pages did not come back")
            break
        await asyncio.sleep(0.02)
    back = sorted(page.back_at - lost for page in pages if page.back_at > lost)
    answered = [page.back_at for page in everybody if page.back_at > lost]
    end = max(answered, default=lost)
    await asyncio.sleep(1)
    return {
        "number": len(pages),
        "first_s": back[0] if back else 0,
        "half_s": back[len(back) // 2] if back else 0,
        "all_s": back[-1] if back else 0,
        "agents_s": max((one.page.back_at - lost for one in crowd.writers), default=0),
        "tries_each": (sum(page.tries for page in pages) - tries) / len(pages),
        "ack_before": crowd.acks(calm, lost - 0.5),
        "ack_meanwhile": crowd.acks(lost, end),
    }


async def arrive(crowd: Crowd) -> dict:
    """New visitors open the page, connect and write, spread over the seconds of the job."""
    await begin_work(crowd)
    return await let_come(crowd, [Newcomer(crowd) for _ in range(crowd.job["number"])])


async def ask(crowd: Crowd) -> dict:
    """Likewise, and what they write is first shown articles, and answered by the assistant."""
    model = Model()
    await model.listen(crowd.job["model"])
    model.pause = PAUSE
    await begin_work(crowd)
    await asyncio.sleep(PRESENT)
    return await let_come(crowd, [Asker(crowd, place) for place in range(crowd.job["number"])])


async def begin_work(crowd: Crowd) -> None:
    team = [crowd.agent_page(agent) for agent in crowd.plan["agents"][WRITERS:]]
    await crowd.open_all(team)
    await crowd.let_agents_write()


async def let_come(crowd: Crowd, visitors: Sequence[Newcomer]) -> dict:
    begin, every = time.perf_counter(), crowd.job["seconds"] / len(visitors)
    comings = (one.come(place * every) for place, one in enumerate(visitors))
    found = [times for times in await asyncio.gather(*comings) if times]
    end = time.perf_counter()
    return {
        "number": len(found),
        "all_s": end - begin,
        **{name: spread([times[name] for times in found]) for name in visitors[0].TIMES},
        "ack_meanwhile": crowd.acks(begin, end),
    }


async def sign_in(crowd: Crowd) -> dict:
    """Agents sign in by password within the seconds of the job, and open their workspace."""
    await crowd.let_agents_write()
    begin, found = time.perf_counter(), []
    agents = crowd.plan["agents"][WRITERS:]

    async def agent(one: dict) -> None:
        await asyncio.sleep(crowd.job["seconds"] * random.random())
        start, cookies = time.perf_counter(), {}
        await request(crowd.port, LOGIN, cookies)
        form = {
            "csrfmiddlewaretoken": cookies["csrftoken"],
            "username": one["name"],
            "password": PASSWORD,
        }
        status, _body = await request(crowd.port, LOGIN, cookies, form)
        if status != 302:
            return crowd.fault(f"a sign-in was answered by {status}")
        signed = time.perf_counter()
        status, _body = await request(crowd.port, "/agent/", cookies)
        if status != 200:
            return crowd.fault(f"a workspace was answered by {status}")
        page = Page(crowd.port, "/ws/agent/", cookie_line(cookies))
        crowd.start(page.stay())
        await page.open.wait()
        found.append((signed - start, time.perf_counter() - start))

    await asyncio.gather(*(agent(one) for one in agents))
    end = time.perf_counter()
    signed, ready = zip(*found, strict=True) if found else ((), ())
    return {
        "number": len(found),
        "all_s": end - begin,
        "signed": spread(list(signed)),
        "workspace": spread(list(ready)),
        "ack_meanwhile": crowd.acks(begin, end),
    }


async def serve_team(crowd: Crowd) -> dict:
    """Visitors write to a large team, of which everybody is connected."""
    arrived: dict[str, list] = {}
    whole = len(crowd.plan["agents"])
    deliveries = []

    def hear(event: dict) -> None:
        if event["type"] == "message.posted":
            entry = arrived.setdefault(event["message"]["client_id"], [time.perf_counter(), 0])
            entry[1] += 1
            if entry[1] == whole:
                deliveries.append(time.perf_counter() - entry[0])

    await crowd.open_all([crowd.agent_page(agent, hear) for agent in crowd.plan["agents"]])
    crowd.let_visitors_write(crowd.plan["visitors"])
    await asyncio.sleep(1)
    before, begin = cpu_of(crowd.job["pids"]), time.perf_counter()
    await asyncio.sleep(crowd.job["seconds"])
    after, end = cpu_of(crowd.job["pids"]), time.perf_counter()
    acks = crowd.acks(begin, end)
    spent = cpu_between(before, after)
    return {
        "number": whole,
        "per_second": acks["n"] / (end - begin),
        "cpu_ms": spent * 1000 / max(acks["n"], 1),
        "delivery": spread(deliveries),
        "ack_meanwhile": acks,
    }


async def read_long(crowd: Crowd) -> dict:
    """What is opened and written in a conversation with very many messages, and in a short one."""
    agent, found = crowd.plan["agents"][0], {}
    for name, visitor in zip(("long", "short"), crowd.plan["visitors"][:2], strict=True):
        group = visitor["group"]
        addresses = {
            "conversation": (f"/agent/c/{group}/", agent["cookie"]),
            "history": (f"/agent/c/{group}/messages/?before=101", agent["cookie"]),
            "visitor's page": (f"/chat/{crowd.plan['enterprise']}/", visitor["cookie"]),
        }
        pages = {title: await timed(crowd, *where) for title, where in addresses.items()}
        writer = Writer(crowd.port, "/ws/agent/", agent["cookie"], group, 0)
        crowd.start(writer.page.stay())
        await writer.page.open.wait()
        for _ in range(TIMES):
            await writer.write()
        crowd.writers.append(writer)
        found[name] = {**pages, "ack": spread([taken for _sent, taken in writer.acks])}
    return {"number": crowd.job["number"], **found}


async def timed(crowd: Crowd, address: str, cookie: str) -> dict:
    """The times of one request after the other."""
    times = []
    for _ in range(TIMES + 1):
        start = time.perf_counter()
        status, _body = await request(crowd.port, address, jar(cookie))
        times.append(time.perf_counter() - start)
        if status != 200:
            crowd.fault(f"{address.split('?')[0]} was answered by {status}")
    return spread(times[1:])


async def route(crowd: Crowd) -> dict:
    """Very many wait; first nobody is there, then the whole team comes at once."""
    calm = await busy(crowd)
    agents = crowd.plan["agents"]
    given: dict[str, float] = {}

    def hear(event: dict) -> None:
        if event["type"] == "message.posted":
            message = event["message"]
            if message["kind"] == "notice" and message["data"]["event"] == "assigned":
                given.setdefault(message["group"], time.perf_counter())

    wanted = min(len(agents) * CAPACITY, len(crowd.plan["visitors"]))
    begin = time.perf_counter()
    await crowd.open_all([crowd.agent_page(agent, hear) for agent in agents])
    connected = time.perf_counter()
    crowd.let_visitors_write(crowd.plan["visitors"][-WRITERS:])
    while len(given) < wanted and time.perf_counter() < begin + ROUTED_WITHIN:
        await asyncio.sleep(0.02)
    if len(given) < wanted:
        crowd.fault(f"{wanted - len(given)} were not assigned within {ROUTED_WITHIN} s")
    done = max(given.values(), default=begin)
    await asyncio.sleep(max(0, 3 - (time.perf_counter() - connected)))
    full = await busy(crowd)
    inbox = await timed(crowd, "/agent/inbox/?view=waiting", agents[0]["cookie"])
    return {
        "number": crowd.job["number"],
        "calm_percent": 100 * calm,
        "assigned": len(given),
        "assigned_s": done - begin,
        "full_percent": 100 * full,
        "inbox": inbox,
        "ack_meanwhile": crowd.acks(connected, time.perf_counter()),
    }


async def busy(crowd: Crowd) -> float:
    """How many cores server and database keep busy, over the seconds of the job."""
    before, start = cpu_of(crowd.job["pids"]), time.perf_counter()
    await asyncio.sleep(crowd.job["seconds"])
    return cpu_between(before, cpu_of(crowd.job["pids"])) / (time.perf_counter() - start)


STORMS = {
    "lose": lose_server,
    "arrive": arrive,
    "ask": ask,
    "sign in": sign_in,
    "team": serve_team,
    "long": read_long,
    "route": route,
}


if __name__ == "__main__":
    run(Crowd, STORMS[sys.argv[1]])
