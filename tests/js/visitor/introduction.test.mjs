import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Introduction } from "../../../static/js/visitor/introduction.js";

const input = (name, more = {}) => ({ name, type: "text", value: "", disabled: false, required: false, validity: { valid: true }, focused: 0, focus() { this.focused += 1; }, closest: () => ({ append() {}, after() {} }), setAttribute() {}, removeAttribute() {}, ...more });

// As much of the fieldset as the module asks for.
function page({ email = input("email"), once = [], ask = "0", must = false }) {
  const word = { hidden: false };
  const field = { dataset: { ask, ...(must && { must: "" }) }, hidden: email.disabled, querySelector: (selector) => (selector === "i" ? word : email) };
  let parts = once.map((one) => ({ one, remove() { parts = parts.filter((part) => part !== this); } }));
  let shown = true;
  field.remove = () => (shown = false);
  return {
    field,
    word,
    hidden: false,
    addEventListener() {},
    toggleAttribute() {},
    line: { id: "wrong", textContent: "" },
    querySelector(selector) {
      if (selector === ".wrong") return this.line;
      return shown ? field : null;
    },
    querySelectorAll(selector) {
      if (selector === ".once") return parts;
      return [...parts.map(({ one }) => one), ...(shown ? [email] : [])].filter(({ disabled }) => !disabled);
    },
  };
}

describe("an introduction", () => {
  it("says nothing where nothing is asked", () => {
    const asking = new Introduction(null);
    assert.deepEqual(asking.collect(), {});
    asking.away(true);
    asking.stored();
    assert.deepEqual(asking.answers, {});
  });

  it("goes along as it was written", () => {
    const once = [input("name", { value: " 李雷 " }), input("consent", { type: "checkbox", checked: true, value: "1" })];
    assert.deepEqual(new Introduction(page({ once })).collect(), { introduction: { name: "李雷", consent: true } });
  });

  it("holds the message back while something is missing", () => {
    const missing = input("name", { validity: { valid: false, valueMissing: true } });
    const root = page({ once: [missing] });
    assert.equal(new Introduction(root).collect(), null);
    assert.deepEqual([root.line.textContent, missing.focused, missing.ariaInvalid], ["missing", 1, "true"]);
  });

  it("tells at the field what is wrong there, and the first thing first", () => {
    const wrong = { valid: false, valueMissing: false };
    const address = input("email", { validity: wrong });
    const consent = input("consent", { type: "checkbox", validity: { valid: false, valueMissing: true } });
    const root = page({ once: [consent], email: address });
    const asking = new Introduction(root);
    asking.collect();
    assert.deepEqual([root.line.textContent, consent.focused, address.focused], ["wrong_consent", 1, 0]);
    consent.validity = { valid: true };
    asking.collect();
    assert.deepEqual([root.line.textContent, address.focused], ["wrong_email", 1]);
    asking.mark(address, "");
    assert.deepEqual([root.line.textContent, address.ariaInvalid], ["", null]);
  });

  it("asks for an address only while nobody is there", () => {
    const email = input("email", { disabled: true });
    const root = page({ email, must: true });
    const asking = new Introduction(root);
    asking.away(true);
    assert.deepEqual([email.disabled, root.field.hidden, email.required, root.hidden], [false, false, true, false]);
    asking.away(false);
    assert.deepEqual([email.disabled, email.required, root.hidden], [true, false, true]);
  });

  it("keeps an address that was begun when somebody comes", () => {
    const email = input("email", { value: "li@" });
    const asking = new Introduction(page({ email }));
    asking.away(false);
    assert.equal(email.disabled, false);
  });

  it("goes without a topic that is gone meanwhile", () => {
    const topic = input("topic", { type: "hidden", value: "7", focus: () => assert.fail("nobody sees it") });
    topic.parentElement = { remove: () => (topic.disabled = true) };
    const root = page({ once: [topic], email: input("email", { disabled: true }) });
    const asking = new Introduction(root);
    assert.deepEqual(asking.collect(), { introduction: { topic: 7 } });
    asking.wrong("topic");
    assert.deepEqual([asking.collect(), root.hidden], [{}, true]);
  });

  it("asks nothing twice, and hands on an address that did not go along", () => {
    const gone = [];
    const stored = (given, email) => {
      const root = { ...page({ once: [input("name")], email: input("email", { value: email }) }), remove: () => gone.push(email) };
      const asking = new Introduction(root);
      const answers = asking.stored(given);
      assert.deepEqual([asking.collect(), asking.stored().asked], [{}, false]);
      return answers;
    };
    assert.deepEqual(stored({ introduction: { email: "li@example.com" } }, "li@"), { asked: true, given: "li@example.com", typed: "li@" });
    assert.deepEqual(stored({ fields: { me: "x", email: "li@example.com" } }, ""), { asked: true, given: "li@example.com", typed: undefined });
    assert.deepEqual(stored(undefined, "li@example.com"), { asked: true, given: undefined, typed: "li@example.com" });
    assert.equal(gone.length, 3);
  });
});
