// A form with `data-unsaved` asks before the page is left with something typed in it and not sent.

export function unsaved(page) {
  let isSending = false;
  page.addEventListener("submit", () => { isSending = true; });
  page.addEventListener("htmx:afterRequest", () => { isSending = false; }); // the page stays
  window.addEventListener("beforeunload", (event) => {
    const fields = page.querySelectorAll("form[data-unsaved] textarea, form[data-unsaved] input[type=text]");
    const isTyped = [...fields].some((field) => field.value !== field.defaultValue);
    if (isTyped && !isSending) event.preventDefault();
  });
}
