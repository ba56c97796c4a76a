import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Shortcuts } from "../../../static/js/agent/keys/shortcuts.js";
import { Navigation } from "../../../static/js/agent/navigation.js";

const part = () => ({ removeAttribute() {} });

describe("the first conversation of the list", () => {
  let navigation, workspace, conversations, addresses, looked, read, focused, opened;
  beforeEach(() => {
    [addresses, looked, read, focused] = [[], [], 0, 0];
    globalThis.history = { replaceState: (_state, _title, to) => addresses.push(to), pushState: (_state, _title, to) => addresses.push(to) };
    conversations = {
      wanted: null,
      group: null,
      async open(group) {
        this.wanted = this.group = group;
        navigation.show({ group });
      },
    };
    opened = Object.assign(new EventTarget(), part());
    const rows = new Map();
    workspace = {
      ...{ conversations, page: {}, find: part, read: () => (read += !navigation.untouched) },
      actions: { use() {} },
      column: { inbox: { shown: [{ group: "far", seated: false }, { group: "a" }, { group: "b" }], rows, current() {} }, address: (group) => `/c/${group}/` },
      shortcuts: { shown: () => (focused += 1) },
      title: { rename() {} },
      typing: { clear() {} },
      view: { anchor: { toEnd() {} } },
      viewing: { use: (group) => looked.push(group) },
      writing: { stopTyping() {}, use() {} },
    };
    rows.set("a", { group_name: "A" });
    navigation = new Navigation(workspace);
    navigation.showFirst([opened]);
  });

  it("is shown, but nobody looks at it, reads it, or is led to it", () => {
    assert.deepEqual([conversations.group, looked, read, focused, addresses], ["a", [null], 0, 0, []]);
  });

  it("is looked at and read once somebody touches it", () => {
    opened.dispatchEvent(new Event("wheel"));
    opened.dispatchEvent(new Event("focusin"));
    assert.deepEqual([looked, read, addresses], [[null, "a"], 1, ["/c/a/"]]);
  });

  it("is not led to by what is removed, such as an offer that was passed on, until it is chosen", () => {
    const part = (focus) => ({ focus, closest: () => null, getClientRects: () => [1] });
    const page = {
      ".row [aria-current]": part(() => (focused += 1)),
      ".opened .scroller": part(() => opened.dispatchEvent(new Event("focusin"))),
    };
    const shortcuts = Object.assign(Object.create(Shortcuts.prototype), { chosen: () => !navigation.untouched, find: (selector) => page[selector] });
    shortcuts.left();
    assert.deepEqual([focused, looked, read, addresses], [1, [null], 0, []]);
    navigation.touch();
    shortcuts.left();
    assert.deepEqual([focused, looked, read], [1, [null, "a"], 1]);
  });

  it("is the chosen one once its row is pressed, and was none once another's is", async () => {
    await navigation.go("b");
    assert.deepEqual([looked, read, addresses], [[null, "b"], 1, ["/c/b/"]]);
    opened.dispatchEvent(new Event("click"));
    assert.equal(looked.length, 2, "b was chosen by the press");
    await navigation.go("a");
    assert.deepEqual(looked.at(-1), "a");
  });

  it("is not covered by the panel of the one before, however narrow the window became", async () => {
    const thread = { inert: true };
    workspace.find = (selector) => (selector === ".thread" ? thread : part());
    await navigation.go("b");
    assert.equal(thread.inert, false);
  });

  it("is left for the one that another one became a part of, when that one is chosen", async () => {
    const gone = [];
    workspace.failed = () => {};
    Object.assign(workspace, { navigation, sending: { outbox: { itemsOf: () => [] } }, writing: { ...workspace.writing, aids: {}, draftKey: String, composer: {}, store: new Map() } });
    Object.assign(workspace.column.inbox, { unsent() {}, remove: (group) => gone.push(group) });
    conversations.drop = (group) => gone.push(group);
    await navigation.notLoaded({ code: "merged", facts: { into: "b" } }, "far");
    assert.deepEqual([conversations.group, gone, addresses], ["b", ["far", "far"], ["/c/b/"]]);
  });
});
