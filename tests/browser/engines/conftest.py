"""Windows of Firefox and WebKit. Each test runs in both, as marked."""

import pytest

from .browsers import BROWSERS
from .window import Window


@pytest.fixture(scope="session")
def kept():
    """Browsers that no test uses now, by their engine's name."""
    kept = {name: [] for name in BROWSERS}
    yield kept
    for browsers in kept.values():
        for browser in browsers:
            browser.end()


@pytest.fixture(
    params=[
        pytest.param("firefox", marks=pytest.mark.firefox),
        pytest.param("webkit", marks=pytest.mark.webkit),
    ]
)
def window(request, server, watch, kept, tmp_path_factory):
    """A function: a window of a browser of its own at a path. `url` is the product's address, if
    it is not the server's own."""
    used = []
    idle = kept[request.param]

    def opened(path: str = "/chat/demo/", url: str = "") -> Window:
        folder = tmp_path_factory.mktemp(request.param)
        browser = idle.pop() if idle else BROWSERS[request.param](folder)
        used.append(browser)
        browser.begin()
        window = Window(browser, url or server.url)
        window.go(path)
        return window

    yield opened
    for browser in used:
        watch.complaints += browser.complaints()
        if browser.is_kept:
            idle.append(browser)
        else:
            browser.end()


@pytest.fixture
def sign_in(window):
    """A function: the workspace of a member."""

    def signed_in(name: str, **options) -> Window:
        agent = window("/agent/login/", **options)
        agent.sign_in(name)
        return agent

    return signed_in


@pytest.fixture
def three(request, window, sign_in, enterprise):
    """A function: a visitor who wrote `hello`, and two agents who have the conversation open, in
    an enterprise of their own. `url` is the address of the visitor and the first agent, if it is
    not the server's own."""

    def meet(word: str, hello: str, url: str = ""):
        code = enterprise(f"{request.node.callspec.params['window']}-{word}")
        visitor = window(f"/chat/{code}/", url)
        visitor.write(hello)
        visitor.is_sent(hello)
        agents = [sign_in(f"{code}-alice", url=url), sign_in(f"{code}-bob")]
        for agent in agents:
            agent.open_conversation(hello)
            agent.sees(hello)
        return visitor, *agents

    return meet
