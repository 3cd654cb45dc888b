// Drafts in this browser: of those who run a community, while the server has not got what they typed. Each is named
// after its writer and its form; it goes when the server has it, when they sign out, and after a week at the latest.

const PREFIX = "portal draft ";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

// A browser may refuse to keep anything: then there is only the draft on the server.
function withStorage(use) {
  try {
    return use(window.localStorage);
  } catch {
    return null;
  }
}

function names(storage) {
  return Object.keys(storage).filter((name) => name.startsWith(PREFIX));
}

function parsed(storage, name) {
  const kept = JSON.parse(storage.getItem(name) ?? "null");
  if (kept && Date.now() - kept.keptAt < KEPT_MS) return kept;
  storage.removeItem(name);
  return null;
}

export function writeLocal(name, draft) {
  const at = new Date().toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  withStorage((storage) => storage.setItem(PREFIX + name, JSON.stringify({ ...draft, at, keptAt: Date.now() })));
}

export function readLocal(name) {
  return withStorage((storage) => parsed(storage, PREFIX + name));
}

// `name` may be a form's address alone: then it is forgotten whoever wrote it.
export function forgetLocal(name) {
  withStorage((storage) => {
    for (const kept of names(storage)) {
      if (kept === PREFIX + name || kept.endsWith(` ${name}`)) storage.removeItem(kept);
    }
  });
}

export function forgetAllLocal() {
  withStorage((storage) => names(storage).forEach((name) => storage.removeItem(name)));
}

// Forgets what was sent and has been saved. What was sent and not saved stays, to be put back.
export async function settleLocal() {
  const sent = withStorage((storage) =>
    names(storage)
      .map((name) => ({ name, draft: parsed(storage, name) }))
      .filter(({ draft }) => draft?.key),
  );
  for (const { name, draft } of sent ?? []) {
    try {
      const answer = await fetch(`${draft.address}?key=${encodeURIComponent(draft.key)}`, { redirect: "manual" });
      if (answer.ok && (await answer.json()).is_done) forgetLocal(name.slice(PREFIX.length));
    } catch {
      // No connection: asked again on the next page.
    }
  }
}
