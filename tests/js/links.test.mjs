import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { pieces } from "../../static/js/links.js";

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
});
