import assert from "node:assert/strict";
import { it } from "node:test";

import { answer, base64url, bytes, withBytes } from "../../../static/js/shared/passkeys.js";

it("writes and reads base64url without padding", () => {
  for (const list of [[], [0], [255, 254], [251, 239, 190, 0], [...Array(256).keys()]]) {
    const text = base64url(Uint8Array.from(list));
    assert.match(text, /^[\w-]*$/);
    assert.deepEqual([...bytes(text)], list);
  }
});

it("gives the browser bytes where it wants bytes, and leaves the rest", () => {
  const made = withBytes({
    challenge: "AQI",
    rpId: "localhost",
    user: { id: "YQ", name: "alice" },
    allowCredentials: [{ type: "public-key", id: "Yg" }],
  });
  assert.deepEqual([...made.challenge], [1, 2]);
  assert.equal(made.rpId, "localhost");
  assert.deepEqual([...made.user.id, made.user.name], [97, "alice"]);
  assert.deepEqual([...made.allowCredentials[0].id], [98]);
  assert.equal("excludeCredentials" in made, false);
});

it("writes only the parts that the device gave", () => {
  const buffer = Uint8Array.from([1]).buffer;
  const response = { clientDataJSON: buffer, signature: buffer, userHandle: null };
  const text = answer({ id: "AQ", rawId: buffer, type: "public-key", response });
  assert.deepEqual(JSON.parse(text).response, { clientDataJSON: "AQ", signature: "AQ" });
  assert.equal(JSON.parse(text).rawId, "AQ");
});
