// Recording a session: says how many have been marked present, and shows the rows for actions one by one.

const PRESENT = new Set(["room", "online"]);

function countAttendance(root) {
  const roster = root.querySelector("[data-roster]");
  const count = root.querySelector("[data-attendance-count]");
  if (!roster || !count) return;
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
  return [...row.querySelectorAll("input, select")].every((box) => box.value === "");
}

function showActionsOneByOne(root) {
  const button = root.querySelector("[data-show-action]");
  const rows = [...root.querySelectorAll("[data-new-actions] > *")];
  if (!button) return;
  const filled = rows.filter((row) => !isEmpty(row));
  const last = filled.length ? rows.indexOf(filled[filled.length - 1]) : 0;
  rows.forEach((row, index) => {
    row.hidden = index > last;
  });
  const update = () => {
    button.hidden = rows.every((row) => !row.hidden);
  };
  button.addEventListener("click", () => {
    const next = rows.find((row) => row.hidden);
    next.hidden = false;
    next.querySelector("input").focus();
    update();
  });
  update();
}

export function recordSession(root) {
  countAttendance(root);
  showActionsOneByOne(root);
}
