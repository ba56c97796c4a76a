// A virtual list: only the visible rows and a few around them are in the document, so that ten
// thousand rows scroll like fifty. A row has one of two heights.

const MARGIN = 15;
const HEIGHTS = [64, 81];
const HOLD = 800;

export class VirtualList {
  // list: the element that scrolls. element(item): the item's row, up to date. tall(item): whether
  // it has the second height. onGone(row): the row was removed. onEnd(): the end of the list is
  // near. onDrawn(first): the rows are up to date, and the first visible one has this index.
  constructor({ list, element, tall = () => false, onGone, onEnd, onDrawn = () => {}, frame = (step) => requestAnimationFrame(step), watch = observe, clock = globalThis }) {
    Object.assign(this, { list, element, tall, onGone, onEnd, onDrawn, frame, clock });
    Object.assign(this, { items: [], anchor: null, heights: [...HEIGHTS], due: false, order: null, holding: null });
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

  // Keeps the row at the upper edge in its place when rows are added above. At the top the newest
  // rows are shown.
  remember(items = this.order ?? this.items, tops = this.tops(items)) {
    const { scrollTop } = this.list;
    const at = indexAt(tops, scrollTop);
    this.anchor = scrollTop > 0 && items[at] ? { item: items[at], below: scrollTop - tops[at] } : null;
  }

  draw(again = false) {
    const { list } = this;
    const items = this.order ?? this.items;
    const tops = this.tops(items);
    const anchored = this.anchor ? items.indexOf(this.anchor.item) : -1;
    const top = anchored < 0 ? list.scrollTop : tops[anchored] + this.anchor.below;
    const seen = indexAt(tops, top);
    const first = Math.max(0, Math.min(seen, items.length) - MARGIN);
    const last = Math.min(items.length, indexAt(tops, top + list.clientHeight) + 2 * MARGIN);
    const drawn = items.slice(first, last);
    this.put(drawn.map((item) => this.element(item)));
    // The heights are known only once rows are there; then everything is drawn again.
    if (!again && this.measure(drawn)) return this.draw(true);
    this.space(tops[first], tops[items.length] - tops[last]);
    if (Math.abs(list.scrollTop - top) >= 1) list.scrollTop = top;
    this.remember(items, tops);
    if (last === items.length) this.onEnd();
    this.onDrawn(seen);
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

function observe(list, step) {
  new ResizeObserver(step).observe(list);
}
