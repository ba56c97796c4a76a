import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Address } from "../../../static/js/visitor/address.js";
import { settled } from "../helpers.mjs";

// As much of the <details> as the module asks for.
function page({ open = true, value = "", post = async () => ({}) } = {}) {
  const on = {};
  const listen = (name, step) => (on[name] = step);
  const field = { value, validity: { valid: true }, ariaInvalid: null, addEventListener: listen };
  const form = { action: "/address/", elements: { email: field }, addEventListener: listen, matches: () => true };
  const parts = { form, summary: { textContent: "" }, ".wrong": { textContent: "" } };
  const root = { open, hidden: false, querySelector: (part) => parts[part] };
  const sent = [];
  const address = new Address({ root, post: (url, { email }) => (sent.push(email), post(email)) });
  return { root, field, on, sent, address, line: parts[".wrong"], summary: parts.summary };
}

const submit = { preventDefault() {} };

describe("the address for answers", () => {
  it("is kept once by Enter, which brings a change, too", async () => {
    const { root, field, on, sent } = page();
    field.value = " li@example.com ";
    await Promise.all([on.change(), on.submit(submit)]);
    assert.deepEqual([sent, root.open, field.value], [["li@example.com"], false, "li@example.com"]);
  });

  it("can be changed, and closes where it stays the same", async () => {
    const { root, field, on, sent } = page({ open: false, value: "li@example.com" });
    root.open = true;
    await on.submit(submit);
    assert.deepEqual([sent, root.open], [[], false]);
    field.value = "lei@example.org";
    await on.change();
    assert.deepEqual(sent, ["lei@example.org"]);
  });

  it("says at the field what is wrong, and may be sent again", async () => {
    let code = "bad_field";
    const { field, on, line, sent } = page({ post: async () => Promise.reject({ code }) });
    await on.submit(submit);
    assert.deepEqual([sent, line.textContent], [[], "wrong_email"]);
    field.value = "li@example.c";
    await on.change();
    assert.deepEqual([line.textContent, field.ariaInvalid], ["wrong_email", "true"]);
    on.input();
    assert.equal(line.textContent, "");
    code = "offline";
    on.submit(submit);
    await settled();
    assert.deepEqual([sent.length, line.textContent], [2, "not_done"]);
  });

  it("is not shown in place of a correction that is being typed", async () => {
    const { root, field, on, sent } = page();
    field.value = "li@exmaple.com";
    const saved = on.change();
    field.value = "li@example.c";
    await saved;
    await settled();
    assert.deepEqual([root.open, field.value], [true, "li@example.c"]);
    field.value = "li@example.com";
    on.change();
    await settled();
    assert.deepEqual([sent.length, root.open], [2, false]);
  });

  it("takes over what was typed beside the first message, and shows what went along", () => {
    const one = page();
    one.address.away(true, { typed: "li@example.com" });
    assert.deepEqual(one.sent, ["li@example.com"]);
    const other = page();
    other.address.away(true, { given: "li@example.com", typed: "li@example.com" });
    assert.deepEqual([other.sent, other.root.open, other.summary.textContent], [[], false, "mailed_to"]);
  });

  it("is asked for while nobody is there, and what is being written stays", () => {
    const { address, root, field } = page();
    address.away(false);
    assert.equal(root.hidden, true);
    field.value = "li@";
    address.away(false);
    assert.equal(root.hidden, false);
  });
});
