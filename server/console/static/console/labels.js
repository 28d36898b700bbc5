// Number and date fields of ODK Web Forms are called by the frame around them, which no reader of
// screens reads aloud and no click on the label reaches: here the label names the field itself.

export function label(page) {
  const name = () => {
    for (const one of page.querySelectorAll("label[for]")) {
      const around = document.getElementById(one.htmlFor);
      const field = around?.matches("input, select, textarea") ? null : around?.querySelector("input[id]");
      if (field) one.htmlFor = field.id;
    }
  };
  new MutationObserver(name).observe(page, { childList: true, subtree: true });
}
