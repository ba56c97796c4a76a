"""How soon the visitor's page shows its first text on a slow line, for docs/performance.md:
`python -m tests.browser.slow_line` prints it, in a minute."""

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from .conftest import CHROMIUM, Server, browser_program
from .pages import until

LINES = {
    "Fast 3G, 150 ms for each request": (150, 1_638, 750),
    "Fast 3G as Lighthouse applies it, 562.5 ms": (562.5, 1_475, 675),
    "Slow 3G, 400 ms for each request": (400, 400, 400),
    "Slow 3G as DevTools applies it, 2,000 ms": (2_000, 400, 400),
}
"""Latency in ms, kbit/s down and up. Chromium delays whole requests and leaves out the round trips
that a new connection takes, so Lighthouse multiplies the latency by 3.75, DevTools by 5."""
RUNS = 5
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
GREETED = """
const look = () => {
  const text = document.querySelector(".greeting .body");
  if (text?.getBoundingClientRect().height) window.greeted = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.start()
        try:
            browser = playwright.chromium.launch(executable_path=browser_program(), args=CHROMIUM)
            for name, line in LINES.items():
                visits = [visit(browser, server.url, *line) for _ in range(RUNS)]
                told = (median(times) / 1000 for times in zip(*visits, strict=True))
                print(name, *(f"{seconds:.2f} s" for seconds in told), sep=" | ")
        finally:
            server.stop()


def visit(browser, url: str, latency: float, down: int, up: int) -> tuple[float, float, float]:
    """A first visit: milliseconds until something is drawn, until the greeting stands there, and
    until the page's scripts run."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.add_init_script(GREETED)
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency,
            "downloadThroughput": down * 1000 / 8,
            "uploadThroughput": up * 1000 / 8,
        },
    )
    page.goto("/chat/demo/", timeout=60_000)
    until(page, FIRST_PAINT)
    drawn, greeted = page.evaluate(FIRST_PAINT), page.evaluate("greeted")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    context.close()
    return drawn, greeted, ready


if __name__ == "__main__":
    main()
