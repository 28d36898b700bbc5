// On a phone the menu is one line that is wider than the screen: begin where the page itself stands.

export function menu(page) {
  const line = page.querySelector(".menu");
  const here = line?.querySelector("[aria-current]");
  if (here) line.scrollLeft = here.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
}
