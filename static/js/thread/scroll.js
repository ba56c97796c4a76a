// A scroller that keeps its place: at the end it stays at the end, whatever grows; anywhere
// else what is read does not move, whatever is added above or below.

const NEAR = 48;
const TOP = 240;

export class EndAnchor {
  // label(n): the jump button's text; onEnd(): the end came into view; onTop(): the beginning did.
  constructor({ scroller, list, jump, label, onEnd = () => {}, onTop = () => {} }) {
    Object.assign(this, { scroller, list, jump, label, onEnd, onTop });
    this.atEnd = true;
    this.fresh = 0;
    this.top = 0;
    scroller.addEventListener("scroll", () => this.moved(), { passive: true });
    jump.addEventListener("click", () => this.toEnd());
    const watcher = new ResizeObserver(() => {
      if (this.atEnd) this.toEnd();
      // Nobody can scroll up to what comes before it.
      if (this.fits) this.onTop();
    });
    watcher.observe(scroller);
    watcher.observe(list.parentElement);
  }

  moved() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const distance = scrollHeight - scrollTop - clientHeight;
    // Only a move upwards leaves the end: what has just grown below is no wish of the reader's.
    if (distance <= NEAR) this.arrive();
    else if (scrollTop < this.top - 1) this.atEnd = false;
    this.top = scrollTop;
    this.showJump();
    if (scrollTop < TOP && !this.atEnd) this.onTop();
  }

  arrive() {
    const before = this.atEnd;
    this.atEnd = true;
    this.fresh = 0;
    if (!before) this.onEnd();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.top = this.scroller.scrollTop;
    this.arrive();
    this.showJump();
  }

  // Does `step`, which changes the list, without moving what is being read.
  keep(step) {
    if (this.atEnd) {
      step();
      this.toEnd();
      return;
    }
    const edge = this.scroller.getBoundingClientRect().top;
    const held = [...this.list.children].find((child) => child.getBoundingClientRect().bottom > edge);
    // By its lower edge: a day or a name above it may go or come with what is added.
    const before = held?.getBoundingClientRect().bottom;
    step();
    if (held?.isConnected) this.scroller.scrollTop += held.getBoundingClientRect().bottom - before;
    this.top = this.scroller.scrollTop;
  }

  // Something new stands below what is being read.
  count() {
    if (!this.atEnd) this.fresh += 1;
    this.showJump();
  }

  showJump() {
    this.jump.hidden = this.atEnd;
    this.jump.firstElementChild.textContent = this.label(this.fresh);
  }

  // A short thread shows its beginning and its end at once, and never leaves the end.
  get fits() {
    const { scrollHeight, clientHeight } = this.scroller;
    return clientHeight > 0 && scrollHeight <= clientHeight + NEAR;
  }
}
