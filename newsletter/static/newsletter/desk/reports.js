// Draws curves from the tables beside them, and puts the figures of links on the email. The page is whole without it.
import uPlot from "./vendor/uplot.js";

const HEIGHT = 240;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const figure = (cell) => Number(cell.textContent.replace(/[^0-9]/g, ""));

function moment(text) {
  return /^\d+$/.test(text) ? Number(text) : Date.parse(`${text}T00:00:00Z`) / 1000;
}

// The data of a table: one column of moments, then the columns of figures.
function dataOf(table) {
  const rows = [...table.tBodies[0].rows];
  const columns = rows[0].cells.length - 1;
  const moments = rows.map((row) => moment(row.querySelector("[data-x]").dataset.x));
  return [moments, ...Array.from({ length: columns }, (_, at) => rows.map((row) => figure(row.cells[at + 1])))];
}

function draw(place) {
  const table = document.getElementById(place.dataset.curve)?.querySelector("table");
  if (!table || !table.tBodies[0].rows.length) return;
  const byMonth = place.dataset.kind === "months";
  const byDay = byMonth || place.dataset.kind === "weeks";
  const data = byDay ? dataOf(table).slice(0, 2) : dataOf(table);
  const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const strokes = [colour("--accent"), colour("--warn")];
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const zone = table.querySelector("time[datetime*='T']")?.dateTime.slice(-6);
  const written = (second) => label(second, byDay ? 0 : offset(zone), byMonth);
  place.hidden = false;
  place.replaceChildren();
  new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT - 40,
      legend: { live: false },
      cursor: { drag: { x: false, y: false } },
      // Hours are shown in the zone of the publication, as in the table.
      tzDate: (second) => new Date((second + (byDay ? 0 : offset(zone))) * 1000 + new Date().getTimezoneOffset() * 60000),
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high, 1)] } },
      axes: [{ ...axis, space: 72, values: (_plot, seconds) => seconds.map(written) }, { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6] }],
      series: [{}, ...data.slice(1).map((_, at) => ({ label: labels[at + 1], stroke: strokes[at], width: 2, fill: at ? undefined : `${strokes[0]}22`, points: { show: data[0].length === 1 } }))],
    },
    data,
    place,
  );
}

function offset(zone) {
  const found = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? "");
  return found ? (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 3600 + Number(found[3]) * 60) : 0;
}

// The local time at a second, as the desk writes it: 14:00, or the day at midnight, or the month.
function label(second, seconds, byMonth) {
  const local = new Date((second + seconds) * 1000);
  const write = (how) => local.toLocaleString("en-GB", { timeZone: "UTC", ...how });
  if (byMonth) return write({ month: "short", year: "2-digit" });
  return local.getUTCHours() ? write({ hour: "2-digit", minute: "2-digit" }) : write({ day: "numeric", month: "short" });
}

function drawAll() {
  document.querySelectorAll("[data-curve]").forEach(draw);
}

// One figure a link: `places` has the number of people for each link of the email in its order, or - for a repetition.
function place(map) {
  const frame = map.querySelector("iframe");
  const inside = frame.contentDocument;
  if (!map.open || !inside?.body) return;
  frame.style.height = `${inside.documentElement.scrollHeight}px`;
  const links = [...inside.querySelectorAll("a")].filter((link) => link.getAttribute("href"));
  const figures = map.dataset.map.split(" ").map((people, at) => {
    if (people === "-" || !links[at]) return null;
    const box = links[at].getBoundingClientRect();
    if (!box.width && !box.height) return null;
    const badge = document.createElement("span");
    badge.className = people === "0" ? "map-figure none" : "map-figure";
    badge.textContent = people;
    badge.style.left = `${Math.max(box.right, 24)}px`;
    badge.style.top = `${box.top + inside.documentElement.scrollTop}px`;
    return badge;
  });
  map.querySelector(".map-figures").replaceChildren(...figures.filter(Boolean));
}

function watch(map) {
  const again = () => place(map);
  map.addEventListener("toggle", again);
  map.querySelector("iframe").addEventListener("load", () => {
    again();
    const inside = map.querySelector("iframe").contentDocument;
    if (inside?.body) new ResizeObserver(again).observe(inside.body);
  });
  again();
}

drawAll();
document.addEventListener("htmx:afterSettle", drawAll);
document.querySelectorAll("[data-map]").forEach(watch);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 150);
});
