// A form's boxes as pairs of name and value, and back again. Files, passwords and what only guards the form stay out.

const GUARDS = new Set(["csrfmiddlewaretoken", "idempotency_key"]);
const NOT_KEPT = new Set(["file", "password", "submit", "button", "image", "reset"]);
const TICKED = new Set(["radio", "checkbox"]);

function boxesOf(form) {
  return [...form.elements].filter((box) => box.name && !GUARDS.has(box.name) && !NOT_KEPT.has(box.type));
}

export function fieldsOf(form) {
  const names = new Set(boxesOf(form).map((box) => box.name));
  return [...new FormData(form)].filter(([name, value]) => names.has(name) && typeof value === "string");
}

// What a person can read of it: the label and the text of every box that was written in.
export function textsOf(form) {
  return boxesOf(form)
    .filter((box) => (box.matches("textarea") || box.type === "text") && box.value.trim())
    .map((box) => [wordsOf(box), box.value]);
}

function wordsOf(box) {
  const label = box.labels?.[0]?.textContent ?? box.name;
  return label.replace(/\s+/g, " ").replace(/\(optional\)/, "").trim();
}

function stateOf(box) {
  if (TICKED.has(box.type)) return box.checked;
  return box.type === "select-multiple" ? [...box.selectedOptions].map((option) => option.value).join("\n") : box.value;
}

function setBox(box, values) {
  if (TICKED.has(box.type)) box.checked = values.includes(box.value);
  else if (box.type === "select-multiple") for (const option of box.options) option.selected = values.includes(option.value);
  else box.value = values.shift() ?? box.value;
}

// Boxes that were not there when the draft was made keep what they say.
export function putBack(form, fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  // A page that shows its rows one by one makes room for those that are coming.
  form.dispatchEvent(new CustomEvent("draft:restoring", { bubbles: true, detail: { names: [...values.keys()] } }));
  for (const box of boxesOf(form)) {
    const before = stateOf(box);
    if (values.has(box.name)) setBox(box, values.get(box.name));
    else if (box.type === "checkbox") box.checked = false;
    if (stateOf(box) === before) continue;
    // Whoever counts ticks or shows rows learns of it as if it had been done by hand.
    box.dispatchEvent(new Event("change", { bubbles: true }));
    const folded = box.type === "hidden" ? null : box.closest("details");
    if (folded) folded.open = true;
  }
}
