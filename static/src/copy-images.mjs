// Copies our own images and the four icons that the NHS stylesheet refers to. The package's other images are NHS marks
// (logos, favicons, social cards), which this portal must not carry.
import { cpSync, mkdirSync } from "node:fs";

const ICONS = ["arrow-down", "arrow-up-down", "arrow-up", "cross"];

mkdirSync("static/build/images", { recursive: true });
cpSync("static/src/images", "static/build/images", { recursive: true });
for (const icon of ICONS) {
  const name = `nhsuk-icon-${icon}.svg`;
  cpSync(`node_modules/nhsuk-frontend/dist/nhsuk/assets/images/${name}`, `static/build/images/${name}`);
}
