import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { pieces } from "../../../static/js/thread/formatted.js";

const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => piece.href);

describe("links in a text", () => {
  for (const [text, ...expected] of [
    ["请看https://a.com/x。谢谢", "https://a.com/x"],
    ["请看https://a.com/x，https://b.com/y。", "https://a.com/x", "https://b.com/y"],
    ["（https://a.com/x）", "https://a.com/x"],
    ["看https://a.com/x谢谢", "https://a.com/x"],
    ["See https://a.com/x.", "https://a.com/x"],
    ["(see http://b.de/a_(b))", "http://b.de/a_(b)"],
    ["HTTPS://A.com/?q=1&b=%E4%BD%A0#top!", "HTTPS://A.com/?q=1&b=%E4%BD%A0#top"],
    ["'https://a.com'", "https://a.com"],
    ["http://localhost:8000/a,b;c", "http://localhost:8000/a,b;c"],
    ["javascript:alert(1) ftp://a.com data:text/html,x"],
    ["xhttps://a.com", ],
    ["https:// http:///"],
    ["no link at all"],
    [""],
  ]) {
    it(JSON.stringify(text), () => assert.deepEqual(links(text), expected));
  }

  it("lose no character of the text", () => {
    for (const text of ["a https://a.com/x。b\n c", "https://a.com", "http://a(b)c).", "🙏https://a.com🙏"]) {
      assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
    }
  });

  for (const [name, end] of [["brackets", ")"], ["other brackets", "]"], ["full stops", "."]]) {
    it(`take twice the work for twice the ${name}`, () => {
      const work = (n) => charactersRead(() => assert.deepEqual(links(`http://a${end.repeat(n)}`), ["http://a"]));
      assert.ok(work(8_000) < 3 * work(4_000), `${work(4_000)} characters, then ${work(8_000)}`);
    });
  }

  it("have 2,000 characters at most", () => {
    const address = (length) => "http://a/".padEnd(length, "b");
    for (const length of [1_999, 2_000]) assert.deepEqual(links(address(length)), [address(length)]);
    assert.deepEqual(links(`${address(2_000)}.`), [address(2_000)]);
    assert.deepEqual(pieces(address(2_001)), [{ text: address(2_001) }]);
  });
});

// How many characters the methods of strings, and regular expressions, were given while `run` ran.
function charactersRead(run) {
  let count = 0;
  const { exec } = RegExp.prototype;
  const methods = Object.getOwnPropertyNames(String.prototype).map((name) => [name, String.prototype[name]]);
  const counted = methods.filter(([name, method]) => typeof method === "function" && name !== "constructor");
  try {
    for (const [name, method] of counted) {
      String.prototype[name] = function (...given) {
        count += this.length;
        return method.apply(this, given);
      };
    }
    RegExp.prototype.exec = function (text) {
      count += text.length;
      return exec.call(this, text);
    };
    run();
  } finally {
    RegExp.prototype.exec = exec;
    for (const [name, method] of counted) String.prototype[name] = method;
  }
  return count;
}
