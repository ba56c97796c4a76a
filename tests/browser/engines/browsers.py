"""The browsers that these tests run in. Each is a process of its own, which knows nothing of the
others, with one window."""

import os
import subprocess
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.webkitgtk.service import Service

from tests.plugins.services import program

from .marionette import start_firefox

DESKTOP = (1366, 800)
PHONE = (390, 844)
MINI_BROWSER = "*/webkit2gtk-*/MiniBrowser"
"""Where Debian keeps WebKit's own small browser, from /usr/lib on."""

FORGET = """
const done = arguments[arguments.length - 1];
gBrowser.selectedBrowser.fullZoom = 1;
Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, () => {
  Services.console.reset();
  done();
});
"""
COMPLAINTS = """
const errors = Services.console.getMessageArray().filter((one) =>
  one instanceof Ci.nsIScriptError && !(one.flags & one.warningFlag) &&
  /^https?:/.test(one.sourceName));
arguments[0](errors.map((one) => `${one.category}: ${one.errorMessage} ${one.sourceName}`));
"""
"""What stands in red in the console: exceptions, and what a policy forbids."""
NARROW = """
gBrowser.selectedBrowser.fullZoom = arguments[0];
arguments[1]();
"""


class Firefox:
    """Debian's firefox-esr, without a display."""

    keeps_cookies_in_frames = is_kept = True
    """It takes seconds to start, so one test after the other uses it, and each begins anew."""

    def __init__(self, folder: Path):
        self.process, self.driver = start_firefox(folder)

    def begin(self) -> None:
        """Forgets cookies, storage and complaints."""
        self.driver.switch_to.default_content()
        self.driver.get("about:blank")
        self.as_browser(FORGET)
        self.driver.set_window_rect(width=DESKTOP[0], height=DESKTOP[1])

    def narrow(self) -> None:
        """Makes the page as wide as a telephone. No window is narrower than 450 px, so the page is
        zoomed instead."""
        width, height = PHONE
        self.driver.set_window_rect(width=450, height=height)
        self.as_browser(NARROW, 450 / width)

    def complaints(self) -> list[str]:
        return self.as_browser(COMPLAINTS)

    def as_browser(self, script: str, *args):
        return self.driver.command_executor.as_browser(script, *args)

    def end(self) -> None:
        self.driver.command_executor.close()
        self.process.terminate()
        self.process.wait(timeout=30)


class WebKit:
    """WebKitGTK's MiniBrowser without a profile, on an X server of its own: windows of one server
    share one focus."""

    keeps_cookies_in_frames = is_kept = False

    def __init__(self, folder: Path):
        reading, writing = os.pipe()
        self.display = subprocess.Popen(
            [program("Xvfb"), "-displayfd", str(writing), "-screen", "0", "1400x1000x24"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as file:
            number = file.readline().strip()
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(next(Path("/usr/lib").glob(MINI_BROWSER)))
        options.add_argument("--automation")
        environment = {**os.environ, "DISPLAY": f":{number}", "HOME": str(folder)}
        service = Service(program("WebKitWebDriver"), env=environment)
        self.driver = webdriver.WebKitGTK(options=options, service=service)

    def begin(self) -> None:
        self.driver.set_window_size(*DESKTOP)

    def narrow(self) -> None:
        """Makes the window as narrow as it gets, 447 px."""
        self.driver.set_window_size(*PHONE)

    def complaints(self) -> list[str]:
        """Nothing: WebKit's driver doesn't tell."""
        return []

    def end(self) -> None:
        self.driver.quit()
        self.display.terminate()
        self.display.wait()


BROWSERS = {"firefox": Firefox, "webkit": WebKit}
