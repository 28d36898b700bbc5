// The page within the frame: ODK Web Forms shows a form, and what is filled in goes to our server.
import "./nonce.js";
import { createApp, h } from "../web-forms/vue.js";
import { OdkWebForm, webFormsPlugin } from "../web-forms/web-forms.js";
import { label } from "./labels.js";
import { speak } from "./screen_words.js";

const screen = document.getElementById("screen");
const given = screen.dataset;
const names = JSON.parse(given.names);

let isTyped = false; // and not sent
if (given.send) {
  for (const name of ["input", "change"]) screen.addEventListener(name, () => { isTyped = true; });
  window.addEventListener("beforeunload", (event) => { if (isTyped) event.preventDefault(); });
}
start();

async function start() {
  label(screen);
  speak(document.body, JSON.parse(given.texts));
  const formXml = await text(given.xform);
  if (formXml === null) return say("failed");
  const editInstance = given.instance && {
    resolveInstance: () => fetch(given.instance),
    attachmentFileNames: names,
    resolveAttachment: (name) => fetch(given.instanceFiles + encodeURIComponent(name)),
  };
  const app = createApp({
    render: () => h(OdkWebForm, {
      formXml,
      fetchFormAttachment: (url) => fetch(given.files + encodeURIComponent(nameIn(url))),
      missingResourceBehavior: "BLANK",
      editInstance: editInstance || null,
      onSubmit: (payload) => send(payload.data[0]),
    }),
  });
  app.use(webFormsPlugin);
  Object.assign(app.config.globalProperties.$primevue.config.locale, JSON.parse(given.locale));
  app.mount(screen);
  say("");
}

async function text(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? answer.text() : null;
}

function nameIn(url) {
  return decodeURIComponent(new URL(url).pathname.split("/").pop());
}

// What was filled in is sent as it was first sent, as long as nothing in it has changed: the server
// then knows it again, should its answer have been lost.
async function send(filled, isConfirmed = false) {
  if (!given.send) return say("only");
  say("sending");
  const body = new FormData();
  const sizes = {};
  for (const [name, file] of filled.entries()) {
    if (names.includes(name)) continue; // it is there, and stays
    body.append(name, file, file.name);
    sizes[name] = file.size;
  }
  body.append("sizes", JSON.stringify(sizes));
  body.append("reason", reason());
  if (isConfirmed) body.append("confirmed", "1");
  const answer = await fetch(given.send, {
    method: "POST", body, headers: { "X-CSRFToken": given.csrf, Accept: "application/json" },
  }).catch(() => null);
  if (!answer) return say("away");
  if (answer.status === 404) return say("gone");
  if (!answer.headers.get("Content-Type")?.includes("json")) return over();
  const said = await answer.json();
  if (answer.ok) {
    isTyped = false;
    return window.parent.location.assign(said.next);
  }
  say("refused", said.sentence, filled.get("xml_submission_file"));
  const confirm = document.querySelector("button[data-confirm]");
  confirm.hidden = said.code !== "edit.drops";
  confirm.onclick = () => send(filled, true);
}

function reason() {
  return window.parent.document.getElementById("reason")?.value ?? "";
}

// Somebody who has signed in again has another mark against forms from elsewhere.
async function over() {
  say("over");
  const page = await text(window.location.href);
  const fresh = page && new DOMParser().parseFromString(page, "text/html").getElementById("screen");
  if (fresh) given.csrf = fresh.dataset.csrf;
}

function say(which, sentence = "", copy = null) {
  for (const line of document.querySelectorAll("[data-say]")) {
    line.hidden = line.dataset.say !== which;
    if (line.hidden || !sentence) continue;
    line.querySelector("span").textContent = sentence;
    line.querySelector("a[data-copy]").href = URL.createObjectURL(copy);
  }
  document.scrollingElement.scrollTo(0, 0);
}
