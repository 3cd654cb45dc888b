// A form that is on its way is not sent a second time, however often the button is pressed.
// The server refuses doubles as well: this only spares people the refusal.

const BUSY = "busy";
// An answer that is a download, or a lost connection, leaves the page standing: it may then be tried again.
const RELEASE_AFTER_MS = 10_000;

function buttonsOf(form) {
  return [...form.querySelectorAll("button:not([type=button])")];
}

function setBusy(form, isBusy) {
  if (isBusy) form.dataset[BUSY] = "";
  else delete form.dataset[BUSY];
  for (const button of buttonsOf(form)) button.setAttribute("aria-disabled", String(isBusy));
}

export function guardAgainstDoubleSubmit(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    // A download leaves the page standing, and may be asked for again at once.
    if ("download" in form.dataset) return;
    if (BUSY in form.dataset) {
      event.preventDefault();
      return;
    }
    setBusy(form, true);
    setTimeout(() => setBusy(form, false), RELEASE_AFTER_MS);
  });
  // A page that comes back from the browser's memory is ready to be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(`form[data-${BUSY}]`)) setBusy(form, false);
  });
}
