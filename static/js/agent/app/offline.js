// The page without a network: what stands unsent in this browser, and trying again.

import { openStore } from "../../connection/outbox.js";
import { load, text } from "../../shared/text.js";

const FIRST = 2_000;
const LONGEST = 30_000;

// What a member has written and nobody has got, the newest first. Each {group, content, state, note}.
export function unsentOf(store, me) {
  const place = `kefu:agent:${me}:`;
  const sent = store.keys(`${place}outbox:`).map((key) => store.get(key));
  const drafts = store.keys(`${place}draft:`).map((key) => ({ key, ...store.get(key) }));
  return [
    ...sent.filter((one) => one?.content).sort((a, b) => b.at - a.at),
    ...drafts
      .filter((one) => one.text)
      .map(({ key, text: content, note }) => ({ group: key.slice(`${place}draft:`.length), content, note, state: "draft" })),
  ];
}

function show({ me, workspace }) {
  const items = me ? unsentOf(openStore(), me) : [];
  const section = document.querySelector(".unsent");
  const template = document.querySelector("#unsent-template");
  const rows = items.map(({ group, content, state, note }) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector("span").textContent = [text(state), ...(note ? [text("note")] : [])].join(" · ");
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
    clearTimeout(timer);
    const answer = await fetch(probe, { cache: "no-store" }).catch(() => null);
    if (answer?.ok) return location.pathname === own ? location.replace(workspace) : location.reload();
    line.textContent = line.dataset.again;
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
