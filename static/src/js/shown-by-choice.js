// Fields that belong to one choice of a group of radio buttons: shown while that choice is made. Without this file all
// of them are there, each group under the words of its choice.

const GROUPS = "[data-shown-by]";

function choiceOf(group) {
  const radios = group.closest("form")?.elements.namedItem(group.dataset.shownBy);
  return radios?.value ?? "";
}

function showChosen(root) {
  for (const group of root.querySelectorAll(GROUPS)) group.hidden = choiceOf(group) !== group.dataset.shownFor;
}

export function showWhatBelongsToTheChoice(root) {
  if (!root.querySelector(GROUPS)) return;
  showChosen(root);
  root.addEventListener("change", () => showChosen(root));
  // Going back in the history puts the choices back after the page has loaded.
  window.addEventListener("pageshow", () => showChosen(root));
}
