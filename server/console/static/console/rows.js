// Lists by keyboard: j and k go down and up the rows of a table with `data-rows`, Enter opens the
// row's first link, / goes to the search field.

export function isTyping(event) {
  return (
    event.ctrlKey || event.altKey || event.metaKey ||
    event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null
  );
}

export function rows(page) {
  page.addEventListener("keydown", (event) => {
    if (isTyping(event) || page.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = page.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    const step = { j: 1, k: -1 }[event.key];
    if (step) go(page, step);
  });
}

function go(page, step) {
  const links = [...page.querySelectorAll("table[data-rows] tbody tr")]
    .map((row) => row.querySelector("a[href]"))
    .filter(Boolean);
  if (links.length === 0) return;
  const here = links.findIndex((link) => link.closest("tr").contains(page.activeElement));
  const next = here === -1 ? (step > 0 ? 0 : links.length - 1) : here + step;
  const link = links[Math.min(Math.max(next, 0), links.length - 1)];
  link.focus(); // Enter then follows it, as on any link
  link.scrollIntoView({ block: "nearest" });
}
