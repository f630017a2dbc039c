// Search, sorting, and boxes that scroll by keyboard. Without this file a reader lacks these alone.
"use strict";

// ---------------------------------------------------------------- search

const MOST = 30;

// Case, accents and underscores do not matter.
const folded = (text) =>
  text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase().replaceAll("_", " ");

// How well a page answers, less is better: its name, the beginning of one, a name's part, a fact.
function rank([, name, title, others, facts], wanted) {
  const names = [name, title, ...others.split("\n")].map(folded);
  const words = wanted.split(/\s+/);
  const all = (text) => words.every((word) => text.includes(word));
  if (names.includes(wanted)) return 0;
  if (names.some((one) => one.startsWith(wanted))) return 1;
  if (names.some(all)) return 2;
  if (all(names.join(" "))) return 3;
  return all([...names, folded(facts)].join(" ")) ? 4 : Infinity;
}

function search(text) {
  const wanted = folded(text).trim();
  if (!wanted) return [];
  return PAGES.map((page) => [rank(page, wanted), page])
    .filter(([how]) => how < Infinity)
    .sort(([one], [other]) => one - other)
    .map(([, page]) => page);
}

function shown([address, name, title]) {
  const link = document.createElement("a");
  link.href = address;
  if (name) link.append(Object.assign(document.createElement("code"), { textContent: name }));
  link.append(name ? Object.assign(document.createElement("small"), { textContent: title }) : title);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function startSearch(form) {
  const [field, said, results] = ["search", "found", "results"].map((id) =>
    document.getElementById(id),
  );
  const answer = () => {
    const found = search(field.value);
    results.replaceChildren(...found.slice(0, MOST).map(shown));
    said.textContent = field.value.trim() ? `${found.length} found` : "";
  };
  const clear = () => {
    field.value = "";
    answer();
    field.focus();
  };
  // Down and up walk through the answers, Escape ends.
  const walk = (event) => {
    const stops = [field, ...results.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (event.key === "Escape") clear();
    else if (step && next) next.focus();
    else return;
    event.preventDefault();
  };
  field.addEventListener("input", answer);
  form.addEventListener("keydown", walk);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.click();
  });
  form.hidden = false;
}

// ---------------------------------------------------------------- sorting

// Numbers before words, and what is not known last.
function compared(one, other) {
  if (!one || !other) return Boolean(other) - Boolean(one);
  const [a, b] = [Number(one), Number(other)];
  if (Number.isNaN(a) || Number.isNaN(b)) {
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
    return one.localeCompare(other, "en");
  }
  return a === b ? 0 : a - b;
}

const key = (cell) => cell.dataset.order ?? cell.textContent.trim();

function sort(table, column, head) {
  const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map((row) => [key(row.cells[column]), row]);
  rows.sort(([one], [other]) => compared(one, other) * (one && other ? sign : 1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
}

function startSorting(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, column, head));
    head.append(button);
  });
}

// ---------------------------------------------------------------- boxes that scroll

// A box that scrolls can be reached by keyboard, and only then.
function reachable(box) {
  const scrolls = box.scrollWidth > box.clientWidth;
  for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", "Scrolls"]]) {
    if (scrolls) box.setAttribute(name, value);
    else box.removeAttribute(name);
  }
}

const reachAll = () => document.querySelectorAll(".scrolls, .long").forEach(reachable);

startSearch(document.querySelector("form[role=search]"));
document.querySelectorAll("table.sortable").forEach(startSorting);
addEventListener("resize", reachAll);
addEventListener("load", reachAll); // pictures have their sizes
