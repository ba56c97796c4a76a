// Requests to this site: answers are JSON, the protocol's error codes are thrown as Failure.

// Milliseconds: a line that has gone silent would hold up what waits for an answer.
const LONGEST = 30_000;

export class Failure extends Error {
  /**
   * @param {string} code The protocol's error code, or "offline" (no answer) or "unauthorised" (the
   *   session ended).
   * @param {Record<string, any>} [facts] The other fields of the answer.
   */
  constructor(code, facts = {}) {
    super(facts.detail ?? code);
    this.code = code;
    this.facts = facts;
  }
}

// Read each time, since a login in any window changes it.
export function csrfToken(jar = document.cookie) {
  return jar.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

// Refreshes the hidden token of plain forms as each is submitted: no event tells of a login in
// another window.
export function keepTokensFresh(document) {
  document.addEventListener(
    "submit",
    ({ target }) => {
      const field = target.elements.namedItem("csrfmiddlewaretoken");
      if (field) field.value = csrfToken(document.cookie) || field.value;
    },
    true,
  );
}

/** @param {string} url */
export const getJson = (url) => ask(url, {});

/**
 * @param {string} url
 * @param {Record<string, any>} fields
 */
export function postForm(url, fields) {
  return ask(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken() },
    body: new URLSearchParams(fields),
  });
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<any>} The JSON of the answer.
 * @throws {Failure}
 */
async function ask(url, { headers, ...options }) {
  let response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      headers: { Accept: "application/json", ...headers },
      signal: AbortSignal.timeout?.(LONGEST),
      ...options,
    });
  } catch {
    throw new Failure("offline");
  }
  const answer = await response.json().catch(() => null);
  // A redirect to the login page arrives here as its HTML.
  if (response.status === 401 || (response.redirected && !answer)) throw new Failure("unauthorised");
  if (response.ok && answer) return answer;
  const facts = answer ?? {};
  const wait = Number(response.headers.get("Retry-After"));
  if (wait) facts.retry_after ??= wait;
  throw new Failure(facts.error ?? (response.status === 429 ? "rate_limited" : "unavailable"), facts);
}
