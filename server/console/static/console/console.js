// What pages do in a browser beyond links and forms. All of them can be read without it.
import { choices } from "./choices.js";
import { dialogs } from "./dialogs.js";
import { menu } from "./menu.js";
import { record } from "./record.js";
import { rows } from "./rows.js";
import { unsaved } from "./unsaved.js";

choices(document);
dialogs(document);
menu(document);
record(document);
rows(document);
unsaved(document);
