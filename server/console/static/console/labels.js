// Fields of ODK Web Forms are called by the frame around them or by nothing, which no reader of
// screens reads aloud and no click on the label reaches: here the label names the field itself.

export function label(page) {
  const name = () => {
    for (const one of page.querySelectorAll("label[for]")) {
      const around = document.getElementById(one.htmlFor);
      if (around?.matches("input, select, textarea")) continue;
      const within = around ?? one.closest(".question-container");
      const field = within?.querySelector("input[id]");
      if (field) one.htmlFor = field.id;
      const list = within?.querySelector("[role=combobox]:not(input, [aria-labelledby])");
      if (!list) continue;
      one.id ||= `${one.htmlFor}_label`;
      list.setAttribute("aria-labelledby", one.id);
    }
  };
  new MutationObserver(name).observe(page, { childList: true, subtree: true });
}
