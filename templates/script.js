"use strict";
// Everything here is a help: the page says the same without it.
(() => {
  const open = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  const value = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    if (cell.dataset.v) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    // Days and times go by the calendar, not by the name of the weekday before them.
    const stamp = text.match(/^[A-Z][a-z]{2}\s(\d{4}-\d\d-\d\d.*)$/);
    if (stamp) return stamp[1];
    const number = Number(text.replace(/[,%\s]/g, "").replace("−", "-").replace(/^[<>]/, ""));
    return text === "–" ? -Infinity : text !== "" && !Number.isNaN(number) ? number : text;
  };
  const sort = (table, head, column) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    // Numbers begin with the largest, words and days with the first.
    const isWords = head.classList.contains("w");
    const down = isWords ? head.getAttribute("aria-sort") === "ascending" : head.getAttribute("aria-sort") !== "descending";
    rows.sort((a, b) => {
      const sums = a.classList.contains("sum") - b.classList.contains("sum");
      if (sums) return sums;
      const [x, y] = [value(a, column), value(b, column)];
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en");
      return down ? -order : order;
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  };
  for (const table of document.querySelectorAll("table[data-sort]")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column));
      head.append(button);
    });
  }

  const filter = (what, items, before) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    label.className = "filter";
    box.type = "search";
    label.append("Filter " + what + " ", box);
    box.addEventListener("input", () => {
      const wanted = box.value.toLowerCase();
      for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
    });
    before.before(label);
  };
  for (const list of document.querySelectorAll("[data-filter]"))
    if (list.children.length > 5) filter(list.dataset.filter, list.children, list);
  for (const table of document.querySelectorAll("table[data-sort]"))
    if (table.tBodies[0].rows.length > 20) filter("rows", table.tBodies[0].rows, table.parentElement);

  for (const head of document.querySelectorAll("section > h2, li.finding")) {
    const id = head.tagName === "H2" ? head.parentElement.id : head.id;
    if (!id) continue;
    const title = (head.querySelector("h3") || head).textContent.trim();
    const link = document.createElement("a");
    link.className = "here";
    link.href = "#" + id;
    link.textContent = "#";
    link.setAttribute("aria-label", "Link to: " + title);
    (head.querySelector("h3") || head).append(" ", link);
  }
})();
