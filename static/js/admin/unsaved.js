// Warns before changes of a form are lost: by the browser's own question when the page goes, by one
// of ours when a link is followed.

export function warnUnsaved(form, question) {
  // As the server sent it: on a slow line somebody may have written before this script came.
  const sent = form.cloneNode(true);
  sent.reset();
  const before = contents(sent);
  let leaving = false;
  const isChanged = () => !leaving && contents(form) !== before;

  form.addEventListener("submit", () => {
    leaving = true;
  });
  // Back from the cache: the page is as it was, and so is the question.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || !leads(link, event) || !isChanged()) return;
    if (window.confirm(question)) leaving = true;
    else event.preventDefault();
  });
}

// Whether a click leaves this page for another one.
function leads(link, event) {
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (elsewhere || (link.target && link.target !== "_self") || link.hasAttribute("download")) return false;
  if (!/^https?:$/.test(link.protocol)) return false;
  return link.href.split("#")[0] !== location.href.split("#")[0];
}

function contents(form) {
  const parts = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(parts.map(([name, value]) => [name, value instanceof File ? value.name : value]));
}
