// What of a form is not saved: the bar at its end names it, and who leaves is asked, by the browser when the
// page goes, by us when a link is followed.

export function warnUnsaved(form, bar, words) {
  // As the server sent it: on a slow line somebody may have written before this script came.
  const sent = form.cloneNode(true);
  sent.reset();
  const before = contents(sent);
  const waits = document.querySelector(".errornote, .row-card.suggested") !== null;
  const isNew = "isNew" in bar.dataset;
  const button = bar.querySelector("button");
  let leaving = false;
  const isChanged = () => !leaving && (waits || changed().length > 0);
  const changed = () => {
    const now = contents(form);
    const names = [...new Set([...before.keys(), ...now.keys()])];
    return labels(form, names.filter((name) => before.get(name) !== now.get(name)));
  };

  const keys = bar.querySelector("kbd");
  if (/Mac|iPhone|iPad/.test(navigator.platform)) keys.textContent = "⌘ S";
  keys.hidden = false;

  const show = () => {
    const found = changed();
    bar.hidden = !isNew && !waits && !found.length;
    const said = bar.querySelector("p");
    const { one, some } = said.dataset;
    const count = document.createElement("b");
    count.textContent = found.length === 1 ? one : some.replace("{n}", found.length);
    said.replaceChildren(...(found.length && !isNew ? [count, ` ${found.join(words.comma)}`] : []));
  };
  for (const kind of ["input", "change"]) form.addEventListener(kind, show);
  show();

  form.addEventListener("submit", () => {
    leaving = true;
  });
  bar.querySelector(".discard").addEventListener("click", () => {
    leaving = true;
  });
  // Back from the cache: the page is as it was, and so is the question.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || !leads(link, event) || !isChanged()) return;
    if (window.confirm(words.unsaved)) leaving = true;
    else event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!bar.hidden) button.click();
  });
}

// Whether a click leaves this page for another one.
function leads(link, event) {
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (elsewhere || (link.target && link.target !== "_self") || link.hasAttribute("download")) return false;
  if (!/^https?:$/.test(link.protocol)) return false;
  return link.href.split("#")[0] !== location.href.split("#")[0];
}

// Each name with its values as text; how many rows there are is no value.
function contents(form) {
  const found = new Map();
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name.endsWith("-TOTAL_FORMS")) continue;
    found.set(name, `${found.get(name) ?? ""}\n${value instanceof File ? value.name : value}`);
  }
  return found;
}

// What the fields of these names are called: rows of another table by their section.
function labels(form, names) {
  const called = (name) => {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    return (field?.closest(".rows") ?? field?.closest("[data-label]"))?.dataset.label ?? name;
  };
  return [...new Set(names.map(called))];
}
