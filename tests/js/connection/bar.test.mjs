import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { ConnectionBar } from "../../../static/js/connection/bar.js";
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
  let bar, clock, element;
  const shown = () => (element.hidden ? null : `${element.dataset.kind} ${element.textContent}`);

  beforeEach(() => {
    const entries = Object.entries(words).map(([key, textContent]) => ({ dataset: { key }, textContent }));
    const holder = { content: { querySelectorAll: () => entries } };
    load({ querySelectorAll: () => [holder], documentElement: { lang: "en" } });
    clock = new Clock();
    element = { hidden: true, textContent: "", dataset: {} };
    bar = new ConnectionBar(element, clock);
  });

  it("is silent about a break of less than two seconds", async () => {
    bar.state("waiting", 1006);
    await clock.pass(1900);
    bar.state("open");
    await clock.pass(60_000);
    assert.equal(shown(), null);
  });

  it("tells a longer one until it is over, and that one asks meanwhile", async () => {
    bar.state("waiting", 1006);
    await clock.pass(2000);
    assert.equal(shown(), "warn no connection");
    bar.active(true);
    assert.equal(shown(), "warn asking");
    bar.state("open");
    assert.equal(shown(), null);
  });

  it("says why it is over for good, and nothing passing takes that away", async () => {
    bar.state("stopped", 4403);
    bar.state("connecting");
    bar.active(false);
    assert.equal(shown(), "bad closed");
    bar.tell("gone");
    assert.equal(shown(), "warn gone");
    await clock.pass(6000);
    assert.equal(shown(), "bad closed");
  });

  it("tells what was refused for six seconds, each for its own", async () => {
    bar.tell("refused_claimed", { name: "Bob" });
    assert.equal(shown(), "warn Bob holds it");
    await clock.pass(5000);
    bar.tell("gone");
    await clock.pass(2000);
    assert.equal(shown(), "warn gone", "the first one's time was not the second one's");
    await clock.pass(4000);
    assert.equal(shown(), null);
  });

  it("stops telling what is not true any more, and nothing else", async () => {
    bar.tell("gone");
    bar.untell(["refused_claimed"]);
    assert.equal(shown(), "warn gone");
    bar.untell(["refused_claimed", "gone"]);
    assert.equal(shown(), null);
    bar.tell("refused_claimed", { name: "Bob" });
    await clock.pass(5000);
    assert.equal(shown(), "warn Bob holds it", "the first one's time is over");
  });

  it("comes back to a break that began while something was told", async () => {
    bar.tell("gone");
    bar.state("waiting", 1006);
    await clock.pass(3000);
    assert.equal(shown(), "warn gone");
    await clock.pass(3000);
    assert.equal(shown(), "warn no connection");
  });

  it("has no words of an ended break to come back to", async () => {
    bar.state("waiting", 4429);
    assert.equal(shown(), "warn too many");
    bar.tell("gone");
    bar.state("open");
    assert.equal(shown(), "warn gone");
    await clock.pass(6000);
    assert.equal(shown(), null);
  });
});
