// Requests to this site: JSON in the answer, the error codes of the protocol as exceptions.

export class Failure extends Error {
  // `code` is the protocol's, or "offline" (no answer) or "unauthorised" (the login ended).
  constructor(code, facts = {}) {
    super(facts.detail ?? code);
    this.code = code;
    this.facts = facts;
  }
}

// Read anew each time: a login in any window changes it.
export function csrfToken(jar = document.cookie) {
  return jar.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

// The hidden fields of plain forms were right when the page was made; they are set anew as each is
// submitted, since no event tells this page of a login in another window.
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

export const getJson = (url) => ask(url, {});

export function postForm(url, fields) {
  return ask(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken() },
    body: new URLSearchParams(fields),
  });
}

async function ask(url, { headers, ...options }) {
  let response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      headers: { Accept: "application/json", ...headers },
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
