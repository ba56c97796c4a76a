// The handle at the edge of the list of conversations, by which its column becomes wider or
// narrower: with the mouse, or with the arrow keys, Home and End. Enter and a double click give it
// back its usual width.

const LEAST = 280;
const MOST = 520;
const STEP = 16;

// A width in pixels within the bounds.
const within = (width) => Math.round(Math.min(MOST, Math.max(LEAST, width)));

export class ListWidth {
  // handle: the part that is dragged, with the separator that has the focus. list: the column. page:
  // the element with the property --inbox-size. store, key: where the width is kept.
  constructor({ handle, list, page, store, key }) {
    Object.assign(this, { handle, list, page, store, key, grip: handle.querySelector("[role=separator]") });
    Object.assign(this.grip, { ariaValueMin: LEAST, ariaValueMax: MOST });
    handle.addEventListener("pointerdown", (event) => this.grab(event));
    handle.addEventListener("dblclick", () => this.keep(null));
    this.grip.addEventListener("keydown", (event) => this.pressed(event));
    handle.hidden = false;
    this.show(store.get(key));
  }

  // width: null for the usual one.
  show(width) {
    if (width) this.page.style.setProperty("--inbox-size", `${within(width)}px`);
    else this.page.style.removeProperty("--inbox-size");
    this.grip.ariaValueNow = this.list.offsetWidth;
  }

  keep(width) {
    this.show(width);
    if (width) this.store.set(this.key, within(width));
    else this.store.remove(this.key);
  }

  grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.grip.focus({ preventScroll: true });
    this.handle.setPointerCapture(event.pointerId);
    const { clientX } = event;
    const [width, sign] = [this.list.offsetWidth, getComputedStyle(this.list).direction === "rtl" ? -1 : 1];
    const at = (moved) => width + sign * (moved.clientX - clientX);
    const move = (moved) => this.show(at(moved));
    this.handle.addEventListener("pointermove", move);
    this.handle.addEventListener(
      "lostpointercapture",
      (last) => {
        this.handle.removeEventListener("pointermove", move);
        if (last.clientX !== clientX) this.keep(at(last));
      },
      { once: true },
    );
  }

  pressed(event) {
    const width = this.list.offsetWidth;
    const sign = getComputedStyle(this.list).direction === "rtl" ? -1 : 1;
    const widths = { ArrowRight: width + sign * STEP, ArrowLeft: width - sign * STEP, Home: LEAST, End: MOST, Enter: null };
    if (!(event.key in widths) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.keep(widths[event.key]);
  }
}
