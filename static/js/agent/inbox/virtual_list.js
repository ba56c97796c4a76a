// A virtual list: only the visible rows and a few around them are in the document, so that ten
// thousand rows scroll like fifty. A row has one of two heights.

const MARGIN = 15;
const HEIGHTS = [64, 81];
const HOLD = 800;
// How long a row slides to its new place.
const SLIDE = 150;

export class VirtualList {
  // list: the element that scrolls. element(item): the item's row, up to date. tall(item): whether
  // it has the second height. kept(): the item that stays where it is while it can be seen, if any.
  // onGone(row): the row was removed. onEnd(): the end of the list is near. onDrawn(first): the rows
  // are up to date, and the first visible one has this index; null while rows keep their places for
  // the mouse. motion(list): called before a change of order; returns what shows it afterwards.
  constructor({ list, element, tall = () => false, kept = () => null, motion = () => () => {}, onGone, onEnd, onDrawn = () => {}, frame = nextFrame, watch = observe, clock = globalThis }) {
    Object.assign(this, { list, element, tall, kept, motion, onGone, onEnd, onDrawn, frame, clock });
    Object.assign(this, { items: [], anchors: [], heights: [...HEIGHTS], due: false, other: true, order: null, holding: null });
    list.addEventListener("scroll", () => this.moved(), { passive: true });
    list.addEventListener("pointermove", ({ pointerType }) => pointerType === "mouse" && this.hold());
    list.addEventListener("pointerleave", () => this.release());
    watch(list, () => this.draw());
  }

  // Shows `items`, which may be the same array with changes. All changes until the next frame are
  // drawn together.
  show(items = this.items) {
    if (items !== this.items) Object.assign(this, { order: null, anchors: [], other: true });
    this.items = items;
    if (this.due) return;
    this.due = true;
    this.frame(() => {
      const show = this.other ? () => {} : this.motion(this.list);
      Object.assign(this, { due: false, other: false });
      this.draw();
      show();
    });
  }

  toTop() {
    this.scrollTo(0);
  }

  // Scrolls to an item that is out of sight.
  reveal(item) {
    const tops = this.tops(this.items);
    const at = this.items.indexOf(item);
    const { scrollTop, clientHeight } = this.list;
    if (at < 0 || !clientHeight) return;
    if (tops[at + 1] <= scrollTop) this.scrollTo(tops[at]);
    else if (tops[at] >= scrollTop + clientHeight) this.scrollTo(tops[at + 1] - clientHeight);
  }

  // The rows that make the list long enough are drawn first.
  scrollTo(top) {
    Object.assign(this, { order: null, anchors: [] });
    this.draw();
    this.list.scrollTop = top;
    this.remember();
    this.draw();
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

  moved() {
    this.order = null;
    this.remember();
    this.show();
  }

  // The distance of each item from the upper edge of the first one, and of the end.
  tops(items) {
    const tops = [0];
    for (const item of items) tops.push(tops[tops.length - 1] + this.heights[Number(this.tall(item))]);
    return tops;
  }

  // Keeps what is seen in its place when rows above it come or go: the item that is kept, else the
  // first visible one that is still there. Otherwise the top of the list shows what comes in there.
  remember(items = this.order ?? this.items, tops = this.tops(items)) {
    const { scrollTop, clientHeight } = this.list;
    const [first, last] = [indexAt(tops, scrollTop), indexAt(tops, scrollTop + clientHeight)];
    const seen = items.slice(first, last + 1);
    const kept = this.kept();
    const stays = seen.includes(kept) ? [kept] : [];
    this.anchors = [...stays, ...(scrollTop > 0 ? seen : [])].map((item) => ({ item, below: scrollTop - tops[items.indexOf(item, first)] }));
  }

  draw(again = false) {
    const { list } = this;
    const items = this.order ?? this.items;
    const tops = this.tops(items);
    const top = this.topOf(items, tops);
    const seen = indexAt(tops, top);
    const first = Math.max(0, Math.min(seen, items.length) - MARGIN);
    const last = Math.min(items.length, indexAt(tops, top + list.clientHeight) + 2 * MARGIN);
    const drawn = items.slice(first, last);
    this.put(drawn.map((item) => this.element(item)), seen - first);
    // The heights are known only once rows are there; then everything is drawn again.
    if (!again && this.measure(drawn)) return this.draw(true);
    // A short list is made long enough for the kept row to stay where it is.
    const room = top > 0 && this.anchors[0]?.item === this.kept() ? top + list.clientHeight - tops[items.length] : 0;
    this.space(tops[first], tops[items.length] - tops[last] + Math.max(0, room));
    if (Math.abs(list.scrollTop - top) >= 1) list.scrollTop = top;
    this.remember(items, tops);
    if (last === items.length) this.onEnd();
    this.onDrawn(this.order ? null : seen);
  }

  // Where the list is to be scrolled to.
  topOf(items, tops) {
    for (const { item, below } of this.anchors) {
      const at = items.indexOf(item);
      if (at >= 0) return Math.max(0, tops[at] + below);
    }
    return this.list.scrollTop;
  }

  // Learns the heights from the rows that are there. Returns whether they differ from what was known.
  measure(drawn) {
    const before = this.heights.join();
    for (const kind of [0, 1]) {
      const at = drawn.findIndex((item) => Number(this.tall(item)) === kind);
      this.heights[kind] = this.list.children[at]?.offsetHeight || this.heights[kind];
    }
    return this.heights.join() !== before;
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

  // Moves as few elements as possible: a moved element loses the focus for a moment. Where the row
  // with the focus is removed, the next one gets it, else the one before, else the first in sight.
  put(elements, seen) {
    const { list } = this;
    const kept = new Set(elements);
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const rows = [...list.children];
    const at = rows.indexOf(focused?.closest(".row"));
    const heir = [rows[at + 1], rows[at - 1], elements[seen]].find((row) => kept.has(row));
    for (const child of rows) {
      if (kept.has(child)) continue;
      child.remove();
      this.onGone(child);
    }
    elements.forEach((element, at) => {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
    });
    if (focused) (focused.isConnected ? focused : heir?.querySelector("a"))?.focus({ preventScroll: true });
  }
}

// The index of the item that covers this distance from the upper edge of the first one; the number
// of items below the last one.
function indexAt(tops, distance) {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= distance) low = middle;
    else high = middle - 1;
  }
  return low;
}

const nextFrame = (step) => requestAnimationFrame(step);

function observe(list, step) {
  new ResizeObserver(step).observe(list);
}

const places = (list) => [...list.children].map((row) => [row, row.getBoundingClientRect().top]);

// Shows where rows have moved to when their order changed: each slides from its old place. Call it
// before the change, and what it returns afterwards.
export function rowMotion(list) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return () => {};
  const before = new Map(places(list));
  return () => {
    for (const [row, top] of places(list)) {
      const by = (before.get(row) ?? top) - top;
      if (Math.abs(by) < 1) continue;
      row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: SLIDE, easing: "ease-out" });
    }
  };
}
