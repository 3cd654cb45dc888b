// Everything works without this file; it makes a few things more comfortable.
import { initAll } from "nhsuk-frontend";

import { answerThroughLostConnections } from "./answering.js";
import { guardAgainstDoubleSubmit } from "./busy.js";
import { keepDrafts } from "./drafts.js";
import { configureHtmx } from "./partial-pages.js";
import { recordSession } from "./record-session.js";
import { showWhatBelongsToTheChoice } from "./shown-by-choice.js";

// The stock inline script that sets these classes would be blocked by our content security policy.
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");

configureHtmx({ afterSwap: (part) => initAll({ scope: part }) });
initAll();
guardAgainstDoubleSubmit(document);
answerThroughLostConnections(document, { afterChange: (part) => initAll({ scope: part }) });
recordSession(document);
showWhatBelongsToTheChoice(document);
// The last: what was kept is put back once the page's own scripts are listening.
keepDrafts(document);
