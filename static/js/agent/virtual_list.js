// A virtual list: only the visible rows and a few around them are in the document, so that ten
// thousand rows scroll like fifty. All rows have the same height.

const MARGIN = 15;
const HEIGHT = 64;
const HOLD = 800;

export class VirtualList {
  // list: the element that scrolls. element(item): the item's row, up to date. onGone(row): the row
  // was removed. onEnd(): the end of the list is near.
  constructor({ list, element, onGone, onEnd, frame = (step) => requestAnimationFrame(step), watch = observe, clock = globalThis }) {
    Object.assign(this, { list, element, onGone, onEnd, frame, clock, items: [], anchor: null, due: false, order: null, holding: null });
    list.addEventListener("scroll", () => this.moved(), { passive: true });
    list.addEventListener("pointermove", ({ pointerType }) => pointerType === "mouse" && this.hold());
    list.addEventListener("pointerleave", () => this.release());
    watch(list, () => this.draw());
  }

  // Shows `items`, which may be the same array with changes. All changes until the next frame are
  // drawn together.
  show(items = this.items) {
    if (items !== this.items) this.order = null;
    this.items = items;
    if (this.due) return;
    this.due = true;
    this.frame(() => {
      this.due = false;
      this.draw();
    });
  }

  // While a mouse moves over the list, rows keep their places; changes of order are shown
  // afterwards.
  hold() {
    this.order ??= [...this.items];
    this.clock.clearTimeout(this.holding);
    this.holding = this.clock.setTimeout(() => this.release(), HOLD);
  }

  release() {
    this.clock.clearTimeout(this.holding);
    this.order = null;
    this.show();
  }

  get height() {
    return this.list.firstElementChild?.offsetHeight || HEIGHT;
  }

  moved() {
    this.order = null;
    this.remember();
    this.show();
  }

  // Keeps the row at the upper edge in its place when rows are added above. At the top the newest
  // rows are shown.
  remember() {
    const { height, list } = this;
    const items = this.order ?? this.items;
    const at = Math.floor(list.scrollTop / height);
    this.anchor = list.scrollTop > 0 && items[at] ? { item: items[at], below: list.scrollTop - at * height } : null;
  }

  draw() {
    const { list, height } = this;
    const items = this.order ?? this.items;
    const anchored = this.anchor ? items.indexOf(this.anchor.item) : -1;
    const top = anchored < 0 ? list.scrollTop : anchored * height + this.anchor.below;
    const seen = Math.floor(top / height);
    const first = Math.max(0, Math.min(seen, items.length) - MARGIN);
    const last = Math.min(items.length, seen + Math.ceil(list.clientHeight / height) + 2 * MARGIN);
    this.put(items.slice(first, last).map((item) => this.element(item)));
    // The height is known only once a row is there; then everything is drawn again.
    if (list.firstElementChild && this.height !== height) return this.draw();
    this.space(first * height, (items.length - last) * height);
    if (Math.abs(list.scrollTop - top) >= 1) list.scrollTop = top;
    this.remember();
    if (last === items.length) this.onEnd();
  }

  // Makes room for the missing rows by margins of the outermost rows. Padding would make the list
  // taller than its place.
  space(above, below) {
    for (const { style } of this.list.children) style.marginBlock = "";
    const { firstElementChild: first, lastElementChild: last } = this.list;
    if (!first) return;
    first.style.marginBlockStart = `${above}px`;
    last.style.marginBlockEnd = `${below}px`;
  }

  // Moves as few elements as possible: a moved element loses the focus for a moment.
  put(elements) {
    const { list } = this;
    const kept = new Set(elements);
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    for (const child of [...list.children]) {
      if (kept.has(child)) continue;
      child.remove();
      this.onGone(child);
    }
    elements.forEach((element, at) => {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
    });
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }
}

function observe(list, step) {
  new ResizeObserver(step).observe(list);
}
