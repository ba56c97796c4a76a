// The page where an article is written. Without this script it is a form with buttons.

import { fetched } from "../shared/fetched.js";
import { getJson, keepTokensFresh, postForm } from "../connection/http.js";
import { load, text } from "../shared/text.js";
import { ago } from "../shared/time.js";
import { Saving } from "./saving.js";
import { offerTools } from "./tools.js";

const PAUSE = 300;
const LOOK_EVERY = 30_000;
const NAMES = ["title", "slug", "body", "category", "audience"];
const form = document.getElementById("article");
const notice = document.getElementById("notice");
const { elements } = form;
const version = () => Number(elements.version.value);
// Buttons named "action" stand in the way of the form's own.
const place = () => form.getAttribute("action");
const keyOf = (address) => `article ${form.dataset.me} ${address}`;
let savedAt;
let number = 0;
let timer;
let leaving = false;
let offered = null;

load(document);
keepTokensFresh(document);

// Says what is the matter, with the buttons for it.
function say(key, values, ...acts) {
  notice.hidden = !key;
  if (!key) return;
  notice.firstElementChild.textContent = text(key, values);
  for (const one of notice.querySelectorAll("[data-do]")) one.hidden = !acts.includes(one.dataset.do);
}

function tell(state) {
  if (state === "saved") savedAt = Date.now();
  if (state === "saved" && !offered) say("");
  show(state);
}

function show(state) {
  form.querySelector(".saying").textContent = text(state, { ago: ago(savedAt ?? Date.now()) });
}

function refused({ code, facts = {} }) {
  if (code === "stale") say("stale", { name: facts.by || "–" }, "compare");
  else if (code === "unauthorised") say("unauthorised", {}, "login");
  else if (code === "not_found") say("bad_gone", {}, "renew");
  else if (code === "bad_field") say(`bad_${facts.field}`);
  else say("offline");
}

function stored(answer) {
  elements.version.value = answer.version;
  // The field may have been written in since.
  if (!elements.slug.value) elements.slug.value = answer.slug;
  form.setAttribute("action", answer.address);
  // Those of a new article would begin another one.
  for (const tab of form.querySelectorAll("[data-lang]")) tab.href = answer.address.replace(/[^/]*\/$/, `${tab.dataset.lang}/`);
  history.replaceState(history.state, "", answer.address);
  saving.key = keyOf(answer.address);
}

const saving = new Saving({
  read: () => Object.fromEntries(NAMES.map((name) => [name, elements[name].value])),
  version,
  // A new article gets its address from the title, so that is written to its end first.
  ready: () => elements.title.value.trim() !== "" && (version() > 0 || document.activeElement !== elements.title),
  store: (fields) => postForm(place(), { ...fields, version: version(), lang: elements.lang.value }),
  stored,
  refused,
  tell,
  keys: [keyOf(place()), keyOf(form.dataset.new)],
});
// What was written before this script came is stored nowhere yet, nor what a page for a new article brought.
const brought = ({ value, defaultValue = value }) => defaultValue;
const loaded = "unsaved" in form.dataset ? [] : NAMES.map((name) => [name, brought(elements[name])]);
saving.saved = Object.fromEntries(loaded);
const kept = saving.kept();
const conflict = document.getElementById("conflict");
if (conflict) saving.stop();
offered = !conflict && kept;
if (offered) say("kept", { ago: ago(kept.at) }, "restore", "forget");

async function preview() {
  const mine = ++number;
  const sent = new FormData();
  for (const name of [...NAMES, "lang"]) sent.append(name, elements[name].value);
  const fresh = (await fetched(form.dataset.preview, sent))?.getElementById("previewed");
  // An answer that came late is not shown over a newer one.
  if (fresh && mine === number) document.getElementById("previewed").replaceWith(fresh);
}

form.addEventListener("input", ({ target }) => {
  if (!NAMES.includes(target.name)) return;
  saving.changed();
  clearTimeout(timer);
  timer = setTimeout(preview, PAUSE);
});
elements.title.addEventListener("change", () => saving.isChanged() && saving.later(PAUSE));
if (loaded.length && saving.isChanged()) elements.body.dispatchEvent(new Event("input", { bubbles: true }));

form.addEventListener("click", ({ target }) => {
  const pane = target.closest("[data-pane]")?.dataset.pane;
  if (pane) form.querySelector(".panes").dataset.shown = pane;
  for (const one of pane ? form.querySelectorAll("[data-pane]") : []) one.setAttribute("aria-pressed", String(one.dataset.pane === pane));
  const act = target.closest("[data-do]")?.dataset.do;
  if (act === "restore") {
    for (const name of NAMES) if (!elements[name].readOnly) elements[name].value = kept.fields[name];
    // A colleague may have saved since: then both are compared.
    elements.version.value = kept.version ?? version();
    elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // The version of an article that is not there.
  if (act === "renew") elements.version.value = 0;
  if (act === "forget" || target.closest(".drops")) saving.forget();
  if (act === "restore" || act === "forget") offered = say("");
});

document.addEventListener("click", ({ target }) => {
  const menu = form.querySelector(".more[open]");
  if (menu && !menu.contains(target)) menu.open = false;
});

form.addEventListener("submit", (event) => {
  saving.stop();
  leaving = true;
  // A save that is under way changes the version that this form names.
  if (!saving.running) return;
  event.preventDefault();
  saving.running.finally(() => event.submitter.click());
});
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
window.addEventListener("beforeunload", (event) => {
  if (!leaving && saving.isChanged()) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  saving.now();
});

// Whether a colleague has saved it: a look at one row, by who has the page before them.
setInterval(async () => {
  const before = version();
  if (saving.isChanged() || saving.stopped) return;
  if (savedAt) show("saved");
  if (document.hidden || !before) return;
  const found = await getJson(place()).catch(() => null);
  const news = found?.version > before && before === version() && !saving.isChanged();
  if (news) say("newer", { name: found.by || "–", ago: ago(new Date(found.saved_at)) }, "reload");
}, LOOK_EVERY);

offerTools(form, (sending) => say(sending ? "uploading" : ""), () => say("bad_file"));
