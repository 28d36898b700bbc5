// Writes what ODK Web Forms itself says, English only, in the reader's language: whole texts, and
// those with a number in them. What the form says is left alone, as far as it is not the same words.

export function speak(page, words) {
  const said = Object.keys(words);
  if (!said.length) return;
  const told = (text) => {
    const number = text.match(/\d+([:.,]\d+)*/)?.[0];
    const known = words[text] ?? (number && words[text.replace(number, "{n}")]);
    return known?.replace("{n}", number);
  };
  const translate = (node) => {
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    for (let text = walk.currentNode; text; text = walk.nextNode()) {
      const known = text.nodeType === Node.TEXT_NODE && told(text.data.trim());
      if (known) text.data = known;
    }
    const labelled = [node, ...(node.querySelectorAll?.("[aria-label], [placeholder], [title]") ?? [])];
    for (const one of labelled) {
      for (const name of ["aria-label", "placeholder", "title"]) {
        const known = told(one.getAttribute?.(name)?.trim() ?? "");
        if (known) one.setAttribute(name, known);
      }
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else translate(change.target);
    }
  }).observe(page, { childList: true, subtree: true, characterData: true });
}
