// The browser's history on a phone, where the list, a conversation and what lies over it (the
// visitor's panel, sheets, menus) are pages: each has an entry, so that the back button or a swipe
// from the edge leads from one to the one before. The state of an entry has `under`, how many entries
// lie between it and the list, and `layers`, how many layers are open.

const NARROW = "(max-width: 719px)";
const TOUCHED = "(pointer: coarse)";
// Going back takes a few milliseconds. Nothing waits longer for it.
const PASSES = 1_000;

export class Layers {
  constructor() {
    // passed: called when the history has gone back as this module asked; null without that.
    Object.assign(this, { open: [], steps: Promise.resolve(), passed: null });
  }

  // Whether the list and a conversation are pages of their own (css/workspace/workspace.css).
  get narrow() {
    return matchMedia(NARROW).matches;
  }

  // Calls `step` when the window becomes narrow, or wide again.
  onTurn(step) {
    matchMedia(NARROW).addEventListener("change", step);
  }

  // Whether a finger does what elsewhere a mouse does.
  get touched() {
    return matchMedia(TOUCHED).matches;
  }

  // The name of the layer from which the browser comes back to this page; "" for none with a name.
  get last() {
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    return (type === "back_forward" && history.state?.layers && history.state.last) || "";
  }

  // The page was loaded on the entry of a layer that is not open: the entry becomes that of the page.
  begin() {
    const { under, layers } = history.state ?? {};
    if (layers && !this.last) history.replaceState(under === undefined ? null : { under: under + layers }, "");
  }

  // Puts a layer on top. close(): the browser went back. name: of one that is open
  // again when the browser comes back to it from another page. Returns what to call once the layer was closed in another way.
  // Where there is room and a mouse, the history stays free of layers.
  add(close, name = "") {
    if (!this.narrow && !this.touched) return () => {};
    // The browser came back to the entry of this layer.
    const layer = { close, entered: Boolean(name) && !this.open.length && this.last === name };
    this.open.push(layer);
    this.step(() => {
      if (layer.entered || !this.open.includes(layer)) return;
      layer.entered = true;
      history.pushState({ ...history.state, layers: this.open.indexOf(layer) + 1, last: name }, "");
    });
    return () => this.closed(layer);
  }

  closed(layer) {
    const at = this.open.indexOf(layer);
    if (at < 0) return;
    const gone = this.open.splice(at);
    for (const { close } of gone.slice(1).reverse()) close();
    this.step(() => this.back(gone.filter(({ entered }) => entered).length));
  }

  // A details element whose sheet is a layer while it is open.
  watch(details) {
    let closed = () => {};
    details.addEventListener("toggle", () => {
      closed();
      closed = details.open ? this.add(() => (details.open = false)) : () => {};
    });
  }

  // Another conversation is opened, or another view of the list. address(): the new one. fromList: the
  // list was shown and gives way. The entry of a layer becomes that of what is opened.
  enter(address, fromList) {
    this.clear();
    this.step(() => {
      const { under, layers = 0 } = history.state ?? {};
      const below = fromList ? 0 : under;
      const state = below === undefined ? null : { under: below + (layers || 1) };
      if (layers) history.replaceState(state, "", address());
      else history.pushState(state, "", address());
    });
  }

  // The list is opened: goes back to its entry, where it has one.
  leave(address) {
    this.clear();
    this.step(() => {
      const { under, layers = 0 } = history.state ?? {};
      if (under) return this.back(under + layers);
      history.replaceState(null, "", address);
    });
  }

  // The history went back or forward. Returns whether this module asked for it.
  popped() {
    if (this.passed) {
      this.passed();
      return true;
    }
    for (const { close } of this.open.splice(history.state?.layers ?? 0).reverse()) close();
    return false;
  }

  clear() {
    for (const { close } of this.open.splice(0).reverse()) close();
  }

  // At once where nothing is under way; else after that, since an entry that is added meanwhile would
  // be the one that is left.
  step(change) {
    this.steps = this.passed ? this.steps.then(change) : Promise.resolve(change());
  }

  back(entries) {
    if (!entries) return;
    return new Promise((done) => {
      const late = setTimeout(() => this.passed(), PASSES);
      this.passed = () => {
        clearTimeout(late);
        this.passed = null;
        done();
      };
      history.go(-entries);
    });
  }
}

export const layers = new Layers();
