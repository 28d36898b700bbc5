// A record is reviewed without leaving its page: small forms open where they are asked for
// (`.slot`), Escape or `data-clears` closes them, Ctrl+Enter sends them. Photos open large.

export function record(page) {
  page.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-clears]");
    if (closer && closer.closest(".slot")) {
      event.preventDefault();
      clear(page, closer.closest(".slot"));
    }
  });
  page.addEventListener("keydown", (event) => {
    const form = event.target.closest(".asking");
    if (!form) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("button[type=submit]:not([disabled])")?.click();
    }
    const field = form.querySelector("textarea");
    if (event.key === "Escape" && (!field || field.value === field.defaultValue) && form.closest(".slot")) {
      event.preventDefault();
      clear(page, form.closest(".slot"));
    }
  });
  page.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest("a")) opener = event.target.closest("a");
  });
  page.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "main") {
      const told = page.querySelector("#told .notice") ?? page.querySelector("h1");
      told.tabIndex = -1; // so that it is read aloud, and Tab goes on from there
      told.focus();
    }
    event.target.querySelector?.(".asking :is(textarea, .notice a)")?.focus();
  });
  parts(page);
  photos(page);
}

let opener = null; // what opened the form that stands there

function clear(page, slot) {
  slot.replaceChildren();
  if (opener && page.contains(opener)) opener.focus();
}

// Links to the parts of a page move the focus as well, so that Tab goes on from there.
function parts(page) {
  page.addEventListener("click", (event) => {
    const link = event.target.closest(".record-parts a");
    if (link) page.getElementById(link.hash.slice(1))?.focus({ preventScroll: true });
  });
}

function photos(page) {
  let at = 0;
  const links = () => [...page.querySelectorAll("a[data-photo]")];
  const show = (view, number) => {
    const all = links();
    at = (number + all.length) % all.length;
    const large = view.querySelector(".photo-large");
    large.src = all[at].href;
    large.alt = all[at].querySelector("img").alt;
    view.querySelector(".photo-said").textContent = `${at + 1}/${all.length} ${large.alt}`;
  };
  page.addEventListener("click", (event) => {
    const view = page.getElementById("photo-view");
    const link = event.target.closest("a[data-photo]");
    const step = event.target.closest("[data-photo-step]");
    if (link && view && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      show(view, links().indexOf(link));
      view.showModal();
    }
    if (step && view) show(view, at + Number(step.dataset.photoStep));
  });
  page.addEventListener("keydown", (event) => {
    const view = page.querySelector("#photo-view[open]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (view && step) show(view, at + step);
  });
}
