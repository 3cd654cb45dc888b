// htmx: parts of a page are fetched and put in place. It is set up to need no eval, no inline style and no stored copy.
import htmx from "htmx.org";

export function configureHtmx({ afterSwap }) {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    // Pages hold people's names and answers: nothing of them stays in the browser.
    historyCacheSize: 0,
    // A refused form (422) or a conflict (409) comes back as a page to be read, not as a failure.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "4(09|22)", swap: true },
      { code: "...", swap: false, error: true },
    ],
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => afterSwap(event.detail.elt));
}
