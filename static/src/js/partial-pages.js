// htmx: parts of a page are fetched and put in place. It is set up to need no eval, no inline style and no stored copy.
import htmx from "htmx.org";

// htmx writes down the page's address as it is loaded. That of a page behind a link is the link itself.
function forgetAddress() {
  try {
    window.sessionStorage.removeItem("htmx-current-path-for-history");
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

export function configureHtmx({ afterSwap }) {
  forgetAddress();
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
