// What pages do in a browser beyond links and forms. All of them can be read without it.
// htmx comes by here and not by the page: so it is asked for after the style sheet has begun to come,
// and takes nothing of the line before the first paint.
import "../htmx/htmx.js";
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
