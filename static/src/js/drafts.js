// What is typed is kept: on the server two seconds after typing stops, and, where the form says so, in this browser as
// long as the server has not got it. What was kept is put back when the form is opened again.

import { forgetLocal, forgetAllLocal, readLocal, settleLocal, writeLocal } from "./local-drafts.js";
import { fieldsOf, putBack, textsOf } from "./form-fields.js";

const PAUSE_MS = 2000;
const RETRY_MS = 5000;
const STUCK_MS = 10_000;

const SAYS = {
  failed: "Not saved, trying again",
  signedOut: "You have been signed out. Sign in again in another tab; what you typed here stays.",
  sent: "This page has been saved already, perhaps in another tab.",
};

// Signing in again gives the browser another token: the one in the page would be refused.
function refreshToken(form) {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  const box = form.querySelector("input[name=csrfmiddlewaretoken]");
  if (cookie && box) box.value = cookie.slice(cookie.indexOf("=") + 1);
}

class KeptForm {
  constructor(holder) {
    this.status = holder;
    this.form = holder.closest("form");
    this.mark = holder.dataset.draft;
    this.address = holder.dataset.draftAddress;
    this.name = `${holder.dataset.draftWho} ${holder.dataset.draftForm}`;
    this.isKeptInBrowser = "draftInBrowser" in holder.dataset;
    this.showsWhatWasSent = "draftTyped" in holder.dataset;
    this.notice = document.querySelector("[data-draft-notice]");
    this.key = this.form.querySelector("input[name=idempotency_key]")?.value ?? "";
    this.isSending = false;
    this.sentAt = Infinity;
    this.isRestoring = false;
    this.changes = 0;
  }

  async start() {
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("change", () => this.changed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.save({ isLeaving: true }));
    window.addEventListener("online", () => this.save());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.isSending = false;
    });
    if (this.showsWhatWasSent) {
      // The page came back with what was wrong: what stands in it is the newest there is.
      this.changed();
    } else {
      await this.restore();
    }
  }

  async restore() {
    await settleLocal();
    const local = this.isKeptInBrowser ? readLocal(this.name) : null;
    const kept = document.getElementById("draft-content");
    const fields = local ? local.fields : kept && JSON.parse(kept.textContent);
    if (!fields) return;
    this.isRestoring = true;
    putBack(this.form, fields);
    this.isRestoring = false;
    this.tellRestored(local);
    if (local) this.changed();
  }

  tellRestored(local) {
    const words = this.notice?.querySelector("[data-draft-words]");
    if (!words) return;
    const kept = local ? `kept in this browser, ${local.at}` : words.dataset.draftKept;
    words.textContent = `What you typed here before (${kept}) has been put back. It is not saved until you save this page.`;
    const button = this.notice.querySelector("[data-draft-forget]");
    if (local) {
      button.hidden = false;
      button.addEventListener("click", () => this.throwAway());
    }
    this.notice.hidden = false;
  }

  // Of what only this browser held. A draft on the server is thrown away on a page of its own, behind a link.
  throwAway() {
    if (!window.confirm("Throw away what you typed here and had not saved?")) return;
    forgetLocal(this.name);
    clearTimeout(this.timer);
    this.isSending = true;
    window.location.reload();
  }

  changed() {
    // Sent long ago, and the page still stands: the connection was lost, and typing goes on.
    if (Date.now() - this.sentAt > STUCK_MS) this.isSending = false;
    if (this.isSending || this.isRestoring) return;
    this.changes += 1;
    if (this.isKeptInBrowser) writeLocal(this.name, { fields: fieldsOf(this.form) });
    this.saveIn(PAUSE_MS);
  }

  saveIn(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save({ isLeaving = false } = {}) {
    if (this.isSending || !this.changes) return;
    clearTimeout(this.timer);
    const changes = this.changes;
    refreshToken(this.form);
    let answer;
    try {
      answer = await fetch(this.address, {
        method: "POST",
        redirect: "manual",
        keepalive: isLeaving,
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.form.csrfmiddlewaretoken.value },
        body: JSON.stringify({
          mark: this.mark,
          key: this.key,
          fields: fieldsOf(this.form),
          texts: textsOf(this.form),
        }),
      });
    } catch {
      answer = null;
    }
    await this.answered(answer, changes);
  }

  async answered(answer, changes) {
    if (this.isSending) return;
    if (answer?.ok) {
      const { saved_at: at } = await answer.json();
      this.say(`Saved ${at}`);
      if (changes !== this.changes) return;
      this.changes = 0;
      forgetLocal(this.name);
    } else if (answer?.status === 409) {
      this.say(SAYS.sent);
      forgetLocal(this.name);
    } else if (answer?.status === 422) {
      // The server's own words: there is too much of it, or the page is another person's by now.
      this.say((await answer.json()).detail);
    } else {
      this.say(answer?.type === "opaqueredirect" ? SAYS.signedOut : SAYS.failed);
      this.saveIn(RETRY_MS);
    }
  }

  say(words) {
    // Said aloud only when it is news: not every two seconds.
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  submitted(event) {
    if (event.defaultPrevented) return;
    clearTimeout(this.timer);
    this.isSending = true;
    this.sentAt = Date.now();
    refreshToken(this.form);
    // Kept until the server says that it was saved; see settleLocal.
    if (this.isKeptInBrowser) {
      writeLocal(this.name, { fields: fieldsOf(this.form), key: this.key, address: this.address });
    }
  }
}

export function keepDrafts(root) {
  const holders = [...root.querySelectorAll("[data-draft]")];
  for (const holder of holders) new KeptForm(holder).start();
  const forgotten = root.querySelector("[data-forget-draft]");
  forgotten?.closest("form").addEventListener("submit", () => forgetLocal(forgotten.dataset.forgetDraft));
  for (const form of root.querySelectorAll("form[data-sign-out]")) form.addEventListener("submit", forgetAllLocal);
  if (!holders.length) settleLocal();
}
