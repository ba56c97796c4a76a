// Keeps the scroll position: at the end the thread stays at the end as it grows; elsewhere what is
// being read does not move, whatever is added.

const NEAR = 48;
const TOP = 240;

export class EndAnchor {
  /**
   * @param {object} options
   * @param {HTMLElement} options.scroller
   * @param {HTMLElement} options.list
   * @param {HTMLElement} options.jump The button that leads to the end.
   * @param {(n: number) => string} options.label Its text where n messages are new.
   * @param {() => void} [options.onEnd] The end came into view.
   * @param {() => void} [options.onTop] The beginning came into view.
   */
  constructor({ scroller, list, jump, label, onEnd = () => {}, onTop = () => {} }) {
    this.scroller = scroller;
    this.list = list;
    this.jump = jump;
    this.label = label;
    this.onEnd = onEnd;
    this.onTop = onTop;
    this.atEnd = true;
    this.fresh = 0;
    this.top = 0;
    scroller.addEventListener("scroll", () => this.moved(), { passive: true });
    jump.addEventListener("click", () => this.toEnd());
    const watcher = new ResizeObserver(() => {
      if (this.atEnd) this.toEnd();
      // Nobody can scroll up in a thread that fits.
      if (this.fits) this.onTop();
    });
    watcher.observe(scroller);
    watcher.observe(list.parentElement);
  }

  moved() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const distance = scrollHeight - scrollTop - clientHeight;
    // Only a move upwards leaves the end: growth below is no wish of the reader.
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
    // The button is hidden with its press.
    if (this.jump.matches(":focus")) this.scroller.focus();
    this.arrive();
    this.showJump();
  }

  /**
   * Does `step`, which changes the list, without moving what is being read.
   * @param {() => void} step
   */
  keep(step) {
    if (this.atEnd) {
      step();
      this.toEnd();
      return;
    }
    const edge = this.scroller.getBoundingClientRect().top;
    const kept = [...this.list.children].find((child) => child.getBoundingClientRect().bottom > edge);
    // Measured at its lower edge: a day or a name above it may come or go.
    const before = kept?.getBoundingClientRect().bottom;
    step();
    if (kept?.isConnected) this.scroller.scrollTop += kept.getBoundingClientRect().bottom - before;
    this.top = this.scroller.scrollTop;
  }

  // Counts a new message below what is being read.
  count() {
    if (!this.atEnd) this.fresh += 1;
    this.showJump();
  }

  showJump() {
    this.jump.hidden = this.atEnd;
    this.jump.firstElementChild.textContent = this.label(this.fresh);
  }

  // Whether the thread fits: then it shows its beginning and its end at once.
  get fits() {
    const { scrollHeight, clientHeight } = this.scroller;
    return clientHeight > 0 && scrollHeight <= clientHeight + NEAR;
  }
}
