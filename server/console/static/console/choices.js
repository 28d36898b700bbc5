// A long list of choices that is narrowed while one types; without scripts «Tìm» does it.

export function choices(page) {
  for (const part of page.querySelectorAll("[data-narrows]")) {
    const words = part.querySelector("input[type=search]");
    words.addEventListener("input", () => narrow(part, bare(words.value).split(" ")));
    words.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    part.querySelector("button[name=find]").hidden = true;
  }
}

function narrow(part, words) {
  for (const label of part.querySelectorAll("[data-key-words]")) {
    const isChosen = label.querySelector("input").checked;
    label.hidden = !isChosen && !words.every((word) => label.dataset.keyWords.includes(word));
  }
}

// As server.communes.vietnamese.search_key: small letters without marks, single spaces.
function bare(text) {
  return text.normalize("NFD").toLowerCase().replace(/\p{M}/gu, "").replace(/đ/g, "d").trim().replace(/\s+/g, " ");
}
