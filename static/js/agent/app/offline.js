// The page without a network: what stands unsent in this browser, and trying again.

import { openStore } from "../../connection/outbox.js";
import { load, text } from "../../shared/text.js";
import { within } from "../../worker/shell.js";

const FIRST = 2_000;
// Also until a try is given up that has no answer: a line that comes back may have forgotten it.
const LONGEST = 8_000;

// What a member has written and nobody has got, the newest first. Each {group, name, content, state,
// note}.
export function unsentOf(store, me) {
  const place = `kefu:agent:${me}:`;
  const sent = store.keys(`${place}outbox:`).map((key) => store.get(key));
  const drafts = store.keys(`${place}draft:`).map((key) => ({ key, ...store.get(key) }));
  return [
    ...sent.filter((one) => one?.content).sort((a, b) => b.at - a.at),
    ...drafts
      .filter((one) => one.text)
      .map(({ key, text: content, name, note }) => ({ group: key.slice(`${place}draft:`.length), name, content, note, state: "draft" })),
  ];
}

function show({ me, workspace }) {
  const items = me ? unsentOf(openStore(), me) : [];
  const section = document.querySelector(".unsent");
  const template = document.querySelector("#unsent-template");
  const rows = items.map(({ group, name, content, state, note }) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector("span").textContent = [name, text(state), note && text("note")].filter(Boolean).join(" · ");
    Object.assign(row.querySelector("a"), { textContent: content, href: `${workspace}c/${group}/` });
    return row;
  });
  section.querySelector("ul").replaceChildren(...rows);
  section.hidden = !rows.length;
}

// Loads the page that was wanted as soon as the server answers.
function begin({ probe, own, workspace }) {
  const line = document.querySelector(".trying");
  let pause = FIRST;
  let timer = null;
  async function attempt() {
    const answer = await within(LONGEST, fetch(probe, { cache: "no-store" })).catch(() => null);
    if (answer?.ok) return location.pathname === own ? location.replace(workspace) : location.reload();
    line.textContent = line.dataset.again;
    clearTimeout(timer);
    timer = setTimeout(attempt, pause);
    pause = Math.min(LONGEST, pause * 2);
  }
  const now = () => {
    pause = FIRST;
    attempt();
  };
  timer = setTimeout(attempt, pause);
  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
  document.querySelector(".try").addEventListener("click", now);
}

if (globalThis.document) {
  load(document);
  show(document.body.dataset);
  begin(document.body.dataset);
}
