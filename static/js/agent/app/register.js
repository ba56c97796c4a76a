// Registers the service worker of the agents' pages.

const SCRIPT = "/agent/sw.js";
const SCOPE = "/agent/";

// A promise of its registration once it works; null where there is none: over plain http, in some
// private windows.
export async function register() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !isSecureContext) return null;
  // Trusted Types take no plain address of a script.
  const policy = globalThis.trustedTypes?.createPolicy("kefu-worker", { createScriptURL: () => SCRIPT });
  try {
    await serviceWorker.register(policy?.createScriptURL(SCRIPT) ?? SCRIPT, { scope: SCOPE, updateViaCache: "none" });
    return await serviceWorker.ready;
  } catch {
    return null;
  }
}
