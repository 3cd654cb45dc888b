// Answering behind a link, when the connection comes and goes. What is answered stays on the page, is sent when the
// connection is back, and is kept as one goes on; nothing is ever stored in the browser. Without this file the same
// forms are sent by the browser itself.

const PAUSE_MS = 2000;
const RETRY_MS = 5000;
const PATIENCE_MS = 20_000;
const OUR_PAGE = "main#maincontent";

const SAYS = {
  lost: "There is no connection. What you have answered stays on this page and is sent when the connection is back. Keep this page open.",
  failed: "This could not be stored just now. What you have answered stays on this page, and it is sent again by itself.",
  back: "The connection is back. Your answers have been sent.",
};

class AnsweringForm {
  constructor(form, showPage) {
    this.form = form;
    this.showPage = showPage;
    this.status = form.querySelector("[data-answering-status]") ?? statusLineFor(form);
    this.keeps = "keeps" in form.dataset;
    this.pressed = null;
    this.isSending = false;
    this.isUnsent = false;
    this.changes = 0;
  }

  start() {
    this.form.addEventListener("submit", (event) => this.submitted(event));
    if (this.keeps) this.form.addEventListener("input", () => this.changed());
    window.addEventListener("online", this.retry);
    window.addEventListener("beforeunload", this.warn);
  }

  stop() {
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retry);
    window.removeEventListener("beforeunload", this.warn);
  }

  retry = () => {
    if (!this.isUnsent) return;
    clearTimeout(this.timer);
    this.send();
  };

  // Asked only while something is on this page and nowhere else.
  warn = (event) => {
    if (this.isUnsent) event.preventDefault();
  };

  changed() {
    this.changes += 1;
    // A button was pressed and its sending waits: it takes along what was changed since.
    if (!this.pressed) this.sendIn(PAUSE_MS);
  }

  submitted(event) {
    event.preventDefault();
    // A button that is on its way already: one press is enough.
    if (this.isSending && this.pressed) return;
    this.pressed = event.submitter;
    clearTimeout(this.timer);
    if (!this.isSending) this.send();
  }

  sendIn(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  // What stands on the page at this moment, as the button pressed would send it; without one, to be kept.
  body() {
    const fields = new URLSearchParams(new FormData(this.form));
    if (this.pressed) fields.append(this.pressed.name, this.pressed.value);
    else fields.append("go", "keep");
    return fields;
  }

  async send() {
    if (this.isSending || !(this.pressed || this.changes)) return;
    const [pressed, changes] = [this.pressed, this.changes];
    this.setSending(true);
    const answer = await this.fetched();
    this.setSending(false);
    // Something was pressed while the page was being kept: that goes first.
    if (this.pressed !== pressed && answer) this.send();
    else if (!answer || answer.status >= 500) this.notTaken(answer);
    else this.taken(answer, changes);
  }

  async fetched() {
    try {
      const answer = await fetch(this.form.action || window.location.href, {
        method: "POST",
        body: this.body(),
        signal: AbortSignal.timeout?.(PATIENCE_MS),
      });
      const text = await answer.text();
      return { status: answer.status, url: answer.redirected ? answer.url : "", text };
    } catch {
      return null;
    }
  }

  notTaken(answer) {
    this.isUnsent = true;
    this.say(answer ? SAYS.failed : SAYS.lost);
    this.sendIn(RETRY_MS);
  }

  taken(answer, changes) {
    const page = new DOMParser().parseFromString(answer.text, "text/html");
    const isOurs = page.querySelector(OUR_PAGE) !== null;
    // Not our page, though it came: the sign-in of the network that the phone is in, or a waiting room.
    if (this.pressed && !isOurs) return this.notTaken(null);
    const wasUnsent = this.isUnsent;
    this.isUnsent = false;
    if (this.pressed) return this.leave(page, answer.url);
    if (changes === this.changes) this.changes = 0;
    // Nothing more can be kept here (it has closed, perhaps): what was typed stays in sight, under the reason.
    if (answer.status >= 400) this.say(page.querySelector("h1")?.textContent ?? SAYS.failed);
    else if (wasUnsent) this.say(SAYS.back);
  }

  leave(page, url) {
    this.stop();
    this.showPage(page, url);
  }

  setSending(isSending) {
    this.isSending = isSending;
    // Keeping goes on unnoticed; a button that was pressed shows it.
    if (!this.pressed) return;
    if (isSending) this.form.dataset.busy = "";
    else delete this.form.dataset.busy;
  }

  say(words) {
    // Said aloud once, and not at every attempt.
    if (this.status.textContent !== words) this.status.textContent = words;
  }
}

function statusLineFor(form) {
  const line = document.createElement("p");
  line.className = "app-answering-status";
  line.setAttribute("role", "status");
  form.append(line);
  return line;
}

// The page that the server sent takes the place of this one, as if the browser had gone there.
function pageShower(refresh) {
  return function showPage(page, url) {
    if (url && url !== window.location.href) window.history.pushState(null, "", url);
    document.title = page.title;
    const main = page.querySelector(OUR_PAGE);
    document.querySelector(OUR_PAGE).replaceWith(main);
    window.scrollTo(0, 0);
    refresh(main);
    startForms(main, showPage);
    // A screen reader goes on at what is wrong, which takes the focus by itself, or at the heading of the page.
    const heading = main.querySelector("h1");
    if (main.querySelector(".nhsuk-error-summary") || !heading) return;
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  };
}

function startForms(root, showPage) {
  for (const form of root.querySelectorAll("form[data-answering]")) new AnsweringForm(form, showPage).start();
}

export function answerThroughLostConnections(root, { afterChange }) {
  if (!root.querySelector("form[data-answering]")) return;
  startForms(root, pageShower(afterChange));
  // Back and forward lead to pages that were put in place here: the server shows them as they now are.
  window.addEventListener("popstate", () => window.location.reload());
}
