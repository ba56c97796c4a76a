import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { ConnectionStatus } from "../../../static/js/connection/status.js";
import { load } from "../../../static/js/shared/text.js";
import { Clock } from "../helpers.mjs";

const words = {
  connection_waiting: "no connection",
  connection_polling: "asking",
  connection_4403: "closed",
  connection_4429: "too many",
  refused_claimed: "{name} holds it",
  gone: "gone",
};

describe("the line about the connection", () => {
  let status, clock, element;
  const shown = () => (element.textContent ? `${element.dataset.kind} ${element.textContent}` : null);

  beforeEach(() => {
    const entries = Object.entries(words).map(([key, textContent]) => ({ dataset: { key }, textContent }));
    const holder = { content: { querySelectorAll: () => entries } };
    load({ querySelectorAll: () => [holder], documentElement: { lang: "en" } });
    clock = new Clock();
    element = Object.preventExtensions({ textContent: "", dataset: {} });
    status = new ConnectionStatus(element, clock);
  });

  it("is silent about a break of less than two seconds", async () => {
    status.state("waiting", 1006);
    await clock.pass(1900);
    status.state("open");
    await clock.pass(60_000);
    assert.equal(shown(), null);
  });

  it("tells a longer one until it is over, and that one asks meanwhile", async () => {
    status.state("waiting", 1006);
    await clock.pass(2000);
    assert.equal(shown(), "warn no connection");
    status.active(true);
    assert.equal(shown(), "warn asking");
    status.state("open");
    assert.equal(shown(), null);
  });

  it("says why it is over for good, and nothing passing takes that away", async () => {
    status.state("stopped", 4403);
    status.state("connecting");
    status.active(false);
    assert.equal(shown(), "bad closed");
    status.notify("gone");
    assert.equal(shown(), "warn gone");
    await clock.pass(6000);
    assert.equal(shown(), "bad closed");
  });

  it("tells what was refused for six seconds, each for its own", async () => {
    status.notify("refused_claimed", { name: "Bob" });
    assert.equal(shown(), "warn Bob holds it");
    await clock.pass(5000);
    status.notify("gone");
    await clock.pass(2000);
    assert.equal(shown(), "warn gone", "the first one's time was not the second one's");
    await clock.pass(4000);
    assert.equal(shown(), null);
  });

  it("stops telling what is not true any more, and nothing else", async () => {
    status.notify("gone");
    status.dismiss(["refused_claimed"]);
    assert.equal(shown(), "warn gone");
    status.dismiss(["refused_claimed", "gone"]);
    assert.equal(shown(), null);
    status.notify("refused_claimed", { name: "Bob" });
    await clock.pass(5000);
    assert.equal(shown(), "warn Bob holds it", "the first one's time is over");
  });

  it("comes back to a break that began while something was told", async () => {
    status.notify("gone");
    status.state("waiting", 1006);
    await clock.pass(3000);
    assert.equal(shown(), "warn gone");
    await clock.pass(3000);
    assert.equal(shown(), "warn no connection");
  });

  it("has no words of an ended break to come back to", async () => {
    status.state("waiting", 4429);
    assert.equal(shown(), "warn too many");
    status.notify("gone");
    status.state("open");
    assert.equal(shown(), "warn gone");
    await clock.pass(6000);
    assert.equal(shown(), null);
  });
});
