// Passkeys: the server's options for the browser, and the browser's answer as JSON. Browsers have
// functions of their own for both, but not for long enough (Safari since 18.4).

export const supported = () => Boolean(window.PublicKeyCredential && window.isSecureContext);

export function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

export function base64url(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The options as the server writes them, with bytes where the browser wants bytes.
export function withBytes({ challenge, user, allowCredentials, excludeCredentials, ...options }) {
  const ids = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(challenge),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    ...(allowCredentials && { allowCredentials: ids(allowCredentials) }),
    ...(excludeCredentials && { excludeCredentials: ids(excludeCredentials) }),
  };
}

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

export function answer({ id, rawId, type, response }) {
  const parts = PARTS.filter((name) => response[name]).map((name) => [name, base64url(response[name])]);
  return JSON.stringify({ id, type, rawId: base64url(rawId), response: Object.fromEntries(parts), clientExtensionResults: {} });
}

// Has a device make a passkey, or sign with one. options: {publicKey}. Returns JSON for the server;
// throws a DOMException where the person or the device would not.
export async function make({ publicKey }) {
  return answer(await navigator.credentials.create({ publicKey: withBytes(publicKey) }));
}

export async function sign({ publicKey }) {
  return answer(await navigator.credentials.get({ publicKey: withBytes(publicKey) }));
}
