import assert from "node:assert/strict";
import { it } from "node:test";
import { pieces, sources, unmarked } from "../../../../static/js/agent/assistant/proofs.js";
import { Requests } from "../../../../static/js/agent/assistant/requests.js";
import { Clock, settled } from "../../helpers.mjs";

const cite = (n, slug, lang = "en") => ({ n, slug, lang, title: `On ${slug}`, url: `/help/acme/${slug}/` });

it("a draft's marks name its citations, and are not sent", () => {
  const text = "We replace it [1]. Send a photo[2], order [7] or list[0].";
  const citations = [cite(1, "lid"), cite(2, "photo")];
  assert.deepEqual(pieces(text, citations), ["We replace it", 1, ". Send a photo", 2, ", order [7] or list[0]."]);
  assert.equal(unmarked(text, citations), "We replace it. Send a photo, order [7] or list[0].");
  assert.deepEqual(pieces("", []), []);
  assert.deepEqual(sources([cite(1, "lid"), cite(2, "photo"), cite(3, "lid")]), [
    { title: "On lid", url: "/help/acme/lid/", numbers: [1, 3] },
    { title: "On photo", url: "/help/acme/photo/", numbers: [2] },
  ]);
});

function requests() {
  const sent = [];
  const clock = new Clock();
  const one = new Requests({ send: (frame) => one.online !== false && sent.push(frame), clock });
  return { one, sent, clock };
}

it("an answer comes to whoever asked, and a refusal names what it refuses", async () => {
  const { one, clock } = requests();
  const [draft, other, summary] = ["a", "b"].map((group) => one.ask({ type: "assistant.draft", group })).concat(one.ask({ type: "assistant.summary", group: "a" }));
  assert.equal(one.answered({ type: "assistant.drafted", group: "b", text: "yes" }), true);
  assert.equal(one.answered({ type: "assistant.drafted", group: "c", text: "by itself" }), false);
  assert.equal(one.answered({ type: "error", code: "not_found", group: "a" }), false);
  assert.equal(one.answered({ type: "error", code: "conflict", frame: "assistant.summary", group: "a" }), true);
  assert.equal((await other).text, "yes");
  assert.equal((await summary).code, "conflict");
  await clock.pass(40_000);
  assert.deepEqual(await draft, { code: "unavailable" });
  one.online = false;
  assert.deepEqual(await one.ask({ type: "assistant.draft", group: "a" }), { code: "offline" });
});

it("one text is translated after the other", async () => {
  const { one, sent } = requests();
  const answers = ["一", "二"].map((text) => one.translate({ text, to: "en" }));
  await settled();
  assert.equal(sent.length, 1);
  one.answered({ type: "error", code: "unavailable", frame: "assistant.translate" });
  assert.equal((await answers[0]).code, "unavailable");
  await settled();
  one.answered({ type: "assistant.translated", text: "two", to: "en" });
  assert.equal((await answers[1]).text, "two");
  assert.deepEqual(sent.map(({ text }) => text), ["一", "二"]);
});
