// The views above the list: links that work without scripts, followed here without leaving the
// page.

const SOON = 500;
const SELDOM = 3_000;
const MOST = 100;

export class Views {
  // root: the inbox. onChoose(href): a view was chosen. onCounts(counts): they are known. load(): a
  // promise of {counts}.
  constructor({ root, onChoose, onCounts = () => {}, load, clock = globalThis }) {
    Object.assign(this, { root, onCounts, load, clock, due: false, last: -Infinity });
    this.links = [...root.querySelectorAll(".views a:not(.new-mail)")];
    this.menu = root.querySelector(".view-menu");
    document.addEventListener("click", ({ target }) => this.menu.contains(target) || this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.preventDefault();
      this.close();
    });
    root.addEventListener("click", (event) => {
      const link = event.target.closest(".views a:not(.new-mail), .chosen-tag a, .no-rows a");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.close();
      onChoose(link.href);
    });
  }

  close() {
    // What is pressed in these is hidden then.
    if (document.activeElement.closest(".view-menu, .chosen-tag, .no-rows")) this.menu.querySelector("summary").focus();
    this.menu.open = false;
  }

  choose(chosen) {
    const { view, tag, sort } = chosen;
    for (const link of this.links) {
      const name = ["view", "team", "sort", "channel"].find((each) => each in link.dataset);
      const value = link.dataset[name];
      link.search = chosen.with({ [name]: value }).query;
      if (chosen[name] === value) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.root.querySelector(".sorts").hidden = view !== "waiting";
    for (const line of this.root.querySelectorAll(":is(.no-rows, .of-view) [data-view]")) {
      line.hidden = line.dataset.view !== view || (line.dataset.sort ?? sort) !== sort;
    }
    for (const name of ["team", "channel"]) {
      const value = chosen[name];
      const place = this.root.querySelector(`.of-${name}`);
      if (!place) continue;
      place.hidden = !value;
      place.querySelector("bdi").textContent = this.links.find(({ dataset }) => value && dataset[name] === value)?.textContent ?? "";
    }
    const filter = this.root.querySelector(".chosen-tag");
    filter.hidden = !tag;
    this.root.querySelector(".of-view").hidden = Boolean(tag);
    filter.querySelector(".tag-name").textContent = tag;
    filter.querySelector("a").search = chosen.with({ tag: "" }).query;
  }

  show(counts) {
    if (!counts) return;
    this.last = this.clock.Date.now();
    this.onCounts(counts);
    for (const link of this.links) {
      const place = link.querySelector(".count");
      const count = counts[link.dataset.view];
      if (place) place.textContent = count >= MOST ? `${MOST - 1}+` : count || "";
      if (link.dataset.view === "quarantined") link.hidden = !count && !link.hasAttribute("aria-current");
    }
  }

  // The counts may have changed. Only the server knows them; it is asked at most once in three
  // seconds.
  stale() {
    if (this.due) return;
    this.due = true;
    const wait = Math.max(SOON, this.last + SELDOM - this.clock.Date.now());
    this.clock.setTimeout(() => {
      this.due = false;
      this.refresh();
    }, wait);
  }

  async refresh() {
    this.show((await this.load().catch(() => ({}))).counts);
  }
}
