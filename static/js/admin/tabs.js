// The sections of a long form as tabs. The open one stands in the address, so that a link, a reload
// and the answer to the form come back to it; one in which something was refused is marked, and
// opened. No element has the name in the address as its id: a browser would scroll to it, away from
// what the page says first.

const LEAST = 3;

export function makeTabs(form, words) {
  const sections = [...form.querySelectorAll(":scope > .section")];
  if (sections.length < LEAST) return;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", words.sections);
  sections[0].before(list);
  const tabs = sections.map((section) => new Tab(section, words));
  list.append(...tabs.map(({ button }) => button));

  const open = (chosen) => {
    for (const tab of tabs) tab.show(tab === chosen);
    chosen.button.scrollIntoView({ block: "nearest", inline: "nearest" });
    history.replaceState(history.state, "", `#${chosen.name}`);
    // The browser keeps what is behind # through the answer, also where that leads elsewhere.
    const address = new URL(form.getAttribute("action") || location.href, location.href);
    address.hash = chosen.name;
    form.action = address.href;
  };
  for (const tab of tabs) tab.button.addEventListener("click", () => open(tab));
  list.addEventListener("keydown", (event) => {
    const next = neighbour(tabs, event.key);
    if (!next) return;
    event.preventDefault();
    open(next);
    next.button.focus();
  });
  // What a link names may be inside of a section: a field, for example.
  const follow = () => {
    const name = location.hash.slice(1);
    const target = document.getElementById(name);
    const found = tabs.find((tab) => tab.name === name || (target && tab.panel.contains(target)));
    if (!found) return false;
    open(found);
    target?.scrollIntoView({ block: "center" });
    return true;
  };
  window.addEventListener("hashchange", follow);
  const wrong = tabs.find((tab) => tab.wrong);
  if (wrong) open(wrong);
  else if (!follow()) open(tabs[0]);
}

class Tab {
  constructor(section, words) {
    const heading = section.querySelector("h2");
    this.panel = document.createElement("div");
    this.name = `section-${nameOf(section)}`;
    this.panel.id = `${this.name}-panel`;
    this.panel.className = "tab-panel";
    this.panel.setAttribute("role", "tabpanel");
    section.before(this.panel);
    this.panel.append(section);
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.id = `${this.name}-tab`;
    this.button.setAttribute("role", "tab");
    this.button.setAttribute("aria-controls", this.panel.id);
    this.button.append(heading?.textContent.trim() || words.general);
    this.panel.setAttribute("aria-labelledby", this.button.id);
    this.wrong = Boolean(section.querySelector(".errors, .errorlist"));
    if (this.wrong) this.mark(words.wrong);
  }

  mark(text) {
    const mark = document.createElement("span");
    mark.className = "tab-wrong";
    mark.textContent = "!";
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", text);
    this.button.append(" ", mark);
  }

  show(chosen) {
    this.panel.hidden = !chosen;
    this.button.setAttribute("aria-selected", String(chosen));
    this.button.tabIndex = chosen ? 0 : -1;
  }
}

// The same in both languages: a section of rows by its id, another one by its first field.
function nameOf(section) {
  if (section.matches(".rows")) return section.id;
  const first = section.querySelector(".form-row");
  return [...(first?.classList ?? [])].find((name) => name.startsWith("field-")) ?? "first";
}

function neighbour(tabs, key) {
  const at = tabs.findIndex(({ panel }) => !panel.hidden);
  const end = tabs.length - 1;
  const to = { ArrowRight: at === end ? 0 : at + 1, ArrowLeft: at === 0 ? end : at - 1, Home: 0, End: end }[key];
  return to === undefined ? null : tabs[to];
}
