"""Token buckets and socket counts: what they let through, forget, and tell other processes."""

import pytest

from chat import limits as module
from chat import metrics
from chat.limits import Limits, member_keys, network, visitor_keys
from chat.protocol.errors import Refused
from chat.rates import MAX_SOCKETS, RATES
from tests.chat.threads import in_threads

HOME = visitor_keys("v1", "192.0.2.1", "acme")


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limits(clock):
    return Limits(clock)


def took(limits, name="message", keys=HOME, most=10_000) -> int:
    """How many tokens there are, taken one by one."""
    for count in range(most):
        try:
            limits.take(name, keys)
        except Refused:
            return count
    return most


def wait(limits, name="message", keys=HOME) -> int:
    with pytest.raises(Refused) as refusal:
        limits.take(name, keys)
    assert refusal.value.code == "rate_limited"
    return refusal.value.facts["retry_after"]


def test_a_burst_goes_through_then_so_many_a_second(limits, clock):
    assert took(limits) == 100
    assert wait(limits) == 1
    clock.now += 1
    assert took(limits) == 1
    clock.now += 5.5
    assert took(limits) == 5
    clock.now += 1_000_000
    assert took(limits) == 100


@pytest.mark.parametrize("name", RATES)
def test_after_retry_after_there_is_a_token_and_not_long_before(limits, clock, name):
    for scope, rate in RATES[name].items():
        keys = {scope: "x"}
        assert took(limits, name, keys) == rate.burst
        seconds = wait(limits, name, keys)
        assert type(seconds) is int and 1 <= seconds <= max(1, 1 / rate.per_second)
        clock.now += seconds
        assert took(limits, name, keys) >= 1


def test_a_refusal_takes_nothing_from_any_bucket(limits):
    took(limits)
    for _ in range(10_000):
        wait(limits)
    neighbour = visitor_keys("v2", "192.0.2.1", "acme")
    assert took(limits, keys=neighbour) == 100, "the address has what the first one was refused"


def test_an_address_and_an_enterprise_are_limited_over_all_their_visitors(limits):
    stored = sum(took(limits, keys=visitor_keys(f"v{n}", "192.0.2.1", "acme")) for n in range(9))
    assert stored == 600
    stored += sum(
        took(limits, keys=visitor_keys(f"w{n}", f"198.51.100.{n}", "acme")) for n in range(40)
    )
    assert stored == 3_000
    assert took(limits, keys=visitor_keys("x", "203.0.113.1", "umbrella")) == 100


def test_what_is_refused_is_counted_by_the_limit_and_scope_that_was_used_up(limits):
    def counted(*labels):
        return metrics.LIMITED.labels(*labels)._value.get()

    before = counted("message", "visitor"), counted("message", "address"), counted("open", "member")
    took(limits)
    for n in range(9):
        took(limits, keys=visitor_keys(f"v{n}", "192.0.2.1", "acme"))
    while limits.add_socket(member_keys("m")):
        pass
    after = counted("message", "visitor"), counted("message", "address"), counted("open", "member")
    assert [new - old for new, old in zip(after, before, strict=True)] == [7, 3, 1]


@pytest.mark.parametrize(
    "address, counted",
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_counts_by_itself_in_ipv4_and_by_its_64_in_ipv6(address, counted):
    assert network(address) == counted


def test_without_an_address_only_the_address_is_not_limited(limits):
    assert visitor_keys("v", "", "acme") == {"visitor": "v", "enterprise": "acme"}
    assert took(limits, keys=visitor_keys("v", "", "acme")) == 100


def test_off_means_off(limits, settings):
    settings.RATE_LIMITS = False
    assert took(limits, most=5_000) == 5_000
    assert all(limits.add_socket(HOME) for _ in range(600))


def test_many_addresses_fill_no_memory_and_who_is_active_is_remembered(limits, monkeypatch):
    monkeypatch.setattr(module, "MAX_KEYS", 1_000)
    took(limits, keys=member_keys("busy"))
    for n in range(20_000):
        limits.take("fetch", {"address": f"2001:db8:{n:x}::/64"})
        if n % 500 == 0:
            assert took(limits, keys=member_keys("busy")) == 0
    for scopes in limits.buckets.values():
        assert all(len(b.young) + len(b.old) <= 2_001 for b in scopes.values())


def test_who_has_all_tokens_again_fills_no_memory(limits, clock):
    for n in range(1_000):
        limits.take("fetch", {"address": f"2001:db8:{n:x}::/64"})
    for _ in range(2):
        clock.now += 1_000
        limits.take("fetch", {"address": "192.0.2.1"})
    buckets = limits.buckets["fetch"]["address"]
    assert {*buckets.young, *buckets.old} == {"192.0.2.1"}


def test_who_has_not_all_tokens_again_is_remembered(limits, clock):
    used = member_keys("used up")
    burst = took(limits, keys=used)
    for _ in range(3):
        clock.now += burst / 10 / RATES["message"]["member"].per_second
        limits.take("message", member_keys("another"))
    assert took(limits, keys=used) == pytest.approx(burst * 0.3, abs=1)


def test_threads_take_no_token_twice(limits):
    assert sum(in_threads(8, lambda _number: took(limits))) == 100


def test_sockets_are_counted_until_they_leave(limits):
    assert all(limits.add_socket(HOME) for _ in range(MAX_SOCKETS["visitor"]))
    assert not limits.add_socket(HOME)
    limits.remove_socket(HOME)
    assert limits.add_socket(HOME) and not limits.add_socket(HOME)
    for _ in range(MAX_SOCKETS["visitor"]):
        limits.remove_socket(HOME)
    assert limits.open_sockets == {}


def test_an_address_has_only_so_many_sockets_and_agents_behind_it_do_not_count(limits):
    assert all(limits.add_socket(visitor_keys(f"v{n}", "192.0.2.1", "acme")) for n in range(500))
    assert not limits.add_socket(visitor_keys("one more", "192.0.2.1", "acme"))
    assert limits.add_socket(visitor_keys("one more", "192.0.2.2", "acme"))
    assert all(limits.add_socket(member_keys(f"m{n}")) for n in range(600))


@pytest.fixture
def processes(clock, settings):
    """Two processes on one clock, and a function that lets each hear the other's news."""
    settings.REDIS_URL = "redis://somewhere"
    both = Limits(clock), Limits(clock)

    def gossip():
        told = [process.pending_update() for process in both]
        for hearer, (teller, news) in zip(both[::-1], zip("ab", told, strict=True), strict=True):
            if news:
                hearer.apply_update(teller, news)
        return told

    return *both, gossip


def test_what_one_process_let_through_the_other_does_not_let_through_again(processes, clock):
    first, second, gossip = processes
    assert took(first) == 100
    gossip()
    assert took(second) == 0 and wait(second) == 1
    clock.now += 1
    assert took(first) + took(second) == 2, "within one second, each has let one through"
    gossip()
    for _ in range(100):
        clock.now += 1
        took(first), took(second)
        gossip()
    clock.now += 10
    assert took(second) == 10


def test_what_two_let_through_at_once_makes_nobody_wait_longer(processes):
    first, second, gossip = processes
    assert took(first) == took(second) == 100
    gossip()
    assert wait(first) == wait(second) == 1


def test_nothing_is_told_of_those_who_use_little(processes, clock):
    first, _second, gossip = processes
    gossip()
    for _ in range(9):
        first.take("message", HOME)
    assert first.pending_update() is None
    clock.now += module.SHARE_SOCKETS_EVERY
    assert first.pending_update() == {"taken": [], "sockets": []}, "a sign of life"
    took(first)
    told = {tuple(entry[:3]): entry[3] for entry in first.pending_update()["taken"]}
    assert told[("message", "visitor", "v1")] >= 99


def test_sockets_count_together_and_a_dead_process_is_forgotten(processes, clock):
    first, second, gossip = processes
    assert all(first.add_socket(HOME) for _ in range(15))
    gossip()
    assert sum(second.add_socket(HOME) for _ in range(10)) == 5
    gossip()
    first.remove_socket(HOME)
    gossip()
    assert second.add_socket(HOME) and not second.add_socket(HOME)
    for _ in range(3):
        clock.now += 10
        assert not second.add_socket(HOME), "the first one is heard of again and again"
        gossip()
    clock.now += 31
    assert second.add_socket(HOME)


def test_news_of_a_newer_version_are_passed_over(limits):
    limits.apply_update(
        "x", {"taken": [["smoke", "signal", "y", 1]], "sockets": [["moon", "z", 9]]}
    )
    assert took(limits) == 100
