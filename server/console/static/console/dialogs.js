// `data-key="d"` on a link or a button lets that key press it, outside of fields.
// `data-closes="id"` closes a dialog; Escape is the browser's own.

import { isTyping } from "./rows.js";

export function dialogs(page) {
  page.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-closes]");
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
