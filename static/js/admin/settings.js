// The settings of an enterprise, which are several pages: a link that names a field of another one,
// such as #id_visits_told or the #section-field-accent of former addresses, leads on to its page.

const named = location.hash.match(/^#(?:id_|section-field-)(\w+)$/)?.[1];
if (named && !document.getElementById(`id_${named}`)) {
  const page = document.querySelector(`.settings-entries a[data-fields~="${named}"]`);
  if (page) location.replace(`${page.href}#id_${named}`);
}

document.querySelector(".settings-entries [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
