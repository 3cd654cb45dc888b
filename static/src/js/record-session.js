// Recording a session: marks everyone else at one tap, says how many are present, and shows rows one by one.

const PRESENT = new Set(["room", "online"]);
const UNKNOWN = "unknown";

function markEveryoneElse(root, roster) {
  const buttons = root.querySelector('[data-everyone="script"]');
  const question = root.querySelector('[data-everyone="form"]');
  if (!buttons || !question) return;
  // The question is for browsers without scripts: disabled, it is not sent and not kept in a draft.
  question.hidden = true;
  question.querySelectorAll("input").forEach((box) => {
    box.disabled = true;
  });
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const status = event.target.closest("[data-everyone-else]")?.dataset.everyoneElse;
    if (!status) return;
    roster.querySelectorAll("fieldset").forEach((person) => {
      const unmarked = person.querySelector(`input[value="${UNKNOWN}"]:checked`);
      if (unmarked) person.querySelector(`input[value="${status}"]`).checked = true;
    });
    roster.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function countAttendance(root, roster) {
  const count = root.querySelector("[data-attendance-count]");
  if (!count) return;
  const members = roster.querySelectorAll("fieldset").length;
  const update = () => {
    const marks = [...roster.querySelectorAll("input:checked")];
    const present = marks.filter((mark) => PRESENT.has(mark.value)).length;
    // A status region: screen readers say it when they have finished what they are saying.
    count.textContent = `${present} of ${members} present`;
  };
  count.hidden = members === 0;
  roster.addEventListener("change", update);
  update();
}

function isEmpty(row) {
  return [...row.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select")].every((box) => box.value === "");
}

function showRowsOneByOne(list) {
  const button = list.nextElementSibling;
  const rows = [...list.children];
  if (!button?.matches("[data-add-row]") || rows.length === 0) return;
  const filled = rows.filter((row) => !isEmpty(row));
  // One empty row, behind the last that holds something.
  const shown = filled.length ? rows.indexOf(filled[filled.length - 1]) + 1 : 0;
  rows.forEach((row, index) => {
    row.hidden = index > shown;
  });
  const update = () => {
    button.hidden = rows.every((row) => !row.hidden);
  };
  button.addEventListener("click", () => {
    const next = rows.find((row) => row.hidden);
    next.hidden = false;
    next.querySelector("input:not([type=hidden]), select").focus();
    update();
  });
  // A draft that is put back fills rows that nobody has opened.
  list.addEventListener("change", () => {
    rows.forEach((row) => {
      if (!isEmpty(row)) row.hidden = false;
    });
    update();
  });
  update();
}

export function recordSession(root) {
  const roster = root.querySelector("[data-roster]");
  if (!roster) return;
  countAttendance(root, roster);
  markEveryoneElse(root, roster);
  root.querySelectorAll("[data-rows]").forEach(showRowsOneByOne);
}
