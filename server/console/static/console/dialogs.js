// `data-opens="id"` opens a dialog, `data-closes="id"` closes it; Escape is the browser's own.
// `data-key="d"` on what opens it lets that key do the same, outside of fields.

import { isTyping } from "./rows.js";

export function dialogs(page) {
  page.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const closer = event.target.closest("[data-closes]");
    if (opener) page.getElementById(opener.dataset.opens)?.showModal();
    if (closer) page.getElementById(closer.dataset.closes)?.close();
  });
  page.addEventListener("keydown", (event) => {
    if (isTyping(event) || page.querySelector("dialog[open]")) return;
    const act = [...page.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (act && !act.disabled) {
      event.preventDefault();
      act.click();
    }
  });
}
