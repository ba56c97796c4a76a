// Says until when a visitor is blocked: their socket was closed without a word of it.

import { getJson } from "../connection/http.js";
import { coming } from "../shared/hours.js";

// url: of their messages, which is refused, too. status: the ConnectionStatus.
export async function sayUntil(url, status) {
  const { facts } = await getJson(url).catch((failure) => failure);
  // Meanwhile they may be let in again.
  if (facts?.until && status.line?.kind === "bad") status.put("blocked_until", "bad", { time: coming(new Date(facts.until)) });
}
