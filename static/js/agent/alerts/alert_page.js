// The page of alert settings: what only a click in this browser can do.

import { Chime } from "../../shared/chime.js";

const section = document.querySelector(".this-browser");
const allow = section.querySelector(".allow");
const chime = new Chime();

function show() {
  const state = globalThis.Notification?.permission ?? "none";
  for (const line of section.querySelectorAll("[data-permission]")) line.hidden = line.dataset.permission !== state;
  allow.hidden = state !== "default";
}

allow.addEventListener("click", async () => {
  await Notification.requestPermission();
  show();
});
section.querySelector(".try").addEventListener("click", async () => {
  if (await chime.unlock()) chime.play("unclaimed");
});
// The form of pushes asks, too, and so do the browser's settings.
const permission = navigator.permissions?.query({ name: "notifications" });
permission?.then((one) => one.addEventListener("change", show), () => {});
show();
section.hidden = false;
