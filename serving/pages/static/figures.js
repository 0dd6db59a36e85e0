// Figures with their tables: each bar stands in the row that says its number.

import { element, uniqueId } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const MINUS = "\u2212";
const NO_BREAK = "\u00a0";

export function whole(value) {
  return value.toLocaleString("fr-FR", { maximumFractionDigits: 0 }).replace("-", MINUS);
}

export function decimal(value, digits = 1) {
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString("fr-FR", shown).replace("-", MINUS);
}

export function percent(share, digits = 0) {
  return `${decimal(100 * share, digits)}${NO_BREAK}%`;
}

// `facts`: label, value already in words, and what must be known to read it.
export function keyFacts(facts) {
  return element(
    "dl",
    { class: "facts" },
    ...facts.map(({ label, value, detail, demonstration }) =>
      element(
        "div",
        {},
        element("dt", {}, label),
        element("dd", { class: "value" }, value),
        detail ? element("dd", { class: "detail" }, detail) : null,
        demonstration ? element("dd", {}, demonstrationMark()) : null,
      ),
    ),
  );
}

// Roles are written out: a table laid out as blocks on a telephone would lose them.
// `columns`: titles after the first; `rows`: label, cells in words, and `bar` in [0, 1] if any.
export function figure({ title, text, first, columns, rows, note, demonstration }) {
  const heading = element("h2", { id: uniqueId("figure") }, title);
  return element(
    "section",
    { class: "figure", "aria-labelledby": heading.id },
    heading,
    text ? element("p", {}, text) : null,
    rows.length ? table({ title, first, columns, rows }) : null,
    note ? element("p", { class: "note" }, note) : null,
    demonstration ? element("p", { class: "note" }, demonstrationMark()) : null,
  );
}

function table({ title, first, columns, rows }) {
  const bars = rows.some((row) => row.bar !== undefined);
  const head = element(
    "tr",
    { role: "row" },
    element("th", { scope: "col", role: "columnheader" }, first),
    bars ? element("td", { class: "bar", "aria-hidden": "true" }) : null,
    ...columns.map((column) =>
      element("th", { scope: "col", role: "columnheader", class: "number" }, column),
    ),
  );
  const lines = rows.map((row) =>
    element(
      "tr",
      { role: "row" },
      element("th", { scope: "row", role: "rowheader" }, row.label),
      bars ? element("td", { class: "bar", "aria-hidden": "true" }, bar(row.bar)) : null,
      ...row.cells.map((cell) => element("td", { class: "number", role: "cell" }, cell)),
    ),
  );
  return element(
    "table",
    { role: "table" },
    element("caption", { class: "unseen" }, title),
    element("thead", { role: "rowgroup" }, head),
    element("tbody", { role: "rowgroup" }, ...lines),
  );
}

function demonstrationMark() {
  return element("span", { class: "demonstration" }, "Donnée de démonstration");
}

function bar(share) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 100 10");
  drawn.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("aria-hidden", "true");
  const filled = document.createElementNS(SVG, "rect");
  filled.setAttribute("width", String(Math.round(1000 * share) / 10));
  filled.setAttribute("height", "10");
  drawn.append(filled);
  return drawn;
}
