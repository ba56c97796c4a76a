// What a message's text must be before it may go out (docs/protocol.md).

const LONGEST = 10_000;
// With `u` a pair is one character, so this finds only halves.
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

// Half a character, as a cut paste leaves it, is no UTF-8: the server cannot read its frame.
export function wellFormed(content) {
  return content.toWellFormed?.() ?? content.replace(LONE_SURROGATES, "\ufffd");
}

// Counted in code points, as the server does.
export function tooLong(content) {
  return content.length > LONGEST && [...content].length > LONGEST;
}
