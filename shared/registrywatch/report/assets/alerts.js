/* The alerts of a replay: counts, a timeline, the actors, and each alert with what to do. */

const SHOWN = 200; /* alerts added to the list at a time */
const PRINTED = 600; /* alerts in print, unless the list shows more */
const alerts = data.alerts;
const rankName = data.severities.map((each) => each.word);
const orders = {
  worst: (one, other) => other.severity - one.severity || one.time - other.time,
  oldest: null,
  newest: (one, other) => other.time - one.time,
};
const chosen = {order: "worst", text: "", severities: new Set(), rule: "", account: "", actor: "", since: null, until: null};
let found = alerts;
let shown = 0;

for (const each of alerts) {
  const actor = data.actors[each.actor];
  each.hay = [each.summary, each.rule, each.title, each.account, each.region, each.registry,
    each.repository, each.resource, actor.id, actor.name, each.ip, each.agent, ...each.reasons,
    ...each.events].filter(Boolean).join("\n").toLowerCase();
}

function matches(each, except) {
  return (except === "severities" || !chosen.severities.size || chosen.severities.has(each.severity))
    && (!chosen.rule || each.rule === chosen.rule)
    && (!chosen.account || each.account === chosen.account)
    && (chosen.actor === "" || each.actor === Number(chosen.actor))
    && (chosen.since === null || each.time >= chosen.since)
    && (chosen.until === null || each.time < chosen.until)
    && chosen.text.toLowerCase().split(/\s+/).every((word) => each.hay.includes(word));
}

/* The parts of the page */

const list = h("ul", {class: "list", id: "list"});
const status = h("p", {class: "status", role: "status", "aria-live": "polite"});
const more = h("button", {type: "button", class: "noprint", onclick: () => extend()}, "Show more");
const cut = h("p", {class: "printonly"});
const rows = new WeakMap(); /* the alert of each row */
const chart = h("figure", {});
const table = h("tbody", {});
const tiles = h("ul", {class: "tiles"});

function option(text, key) {
  return h("option", {value: key}, text);
}

function select(label, key, options) {
  const element = h("select", {name: key, onchange: (event) => { chosen[key] = event.target.value; apply(); }},
    option("all", ""), options.map(([text, each]) => option(text, each)));
  return h("label", {}, label, element);
}

function distinct(key) {
  return [...new Set(alerts.map((each) => each[key]).filter(Boolean))].sort().map((each) => [each, each]);
}

const search = h("input", {type: "search", name: "text", autocomplete: "off", spellcheck: "false",
  oninput: (event) => { chosen.text = event.target.value; soonApply(); }});
const since = h("input", {type: "datetime-local", name: "since", step: "1", onchange: (event) => { chosen.since = entered(event.target.value); apply(); }});
const until = h("input", {type: "datetime-local", name: "until", step: "1", onchange: (event) => { chosen.until = entered(event.target.value); apply(); }});
const byRule = select("Rule", "rule", distinct("rule"));
const byAccount = select("Account or subscription", "account", distinct("account"));
const byActor = select("Actor", "actor", data.actors.map((each, place) => [each.name || each.id || "not recorded", place]));

function entered(text) {
  const at = Date.parse(`${text}Z`);
  return Number.isNaN(at) ? null : at / 1000;
}

function reset() {
  Object.assign(chosen, {text: "", rule: "", account: "", actor: "", since: null, until: null});
  chosen.severities.clear();
  for (const element of document.querySelectorAll(".filters input, .filters select:not([name=order])")) element.value = "";
  apply();
}

const filters = h("form", {class: "filters", role: "search", "aria-label": "Filter alerts", onsubmit: (event) => event.preventDefault()},
  h("label", {}, "Search", search), byRule, byActor, byAccount,
  h("label", {}, "Order", h("select", {name: "order", onchange: (event) => { chosen.order = event.target.value; apply(); }},
    option("worst first", "worst"), option("oldest first", "oldest"), option("newest first", "newest"))),
  h("label", {}, "From (UTC)", since), h("label", {}, "Before (UTC)", until),
  h("button", {type: "button", onclick: reset}, "Reset filters"));

/* Counts by severity; each is also a filter */

function drawTiles() {
  const counts = data.severities.map(() => 0);
  for (const each of alerts) if (matches(each, "severities")) counts[each.severity] += 1;
  const buttons = data.severities.map((each, rank) => h("li", {},
    h("button", {type: "button", class: `tile s${rank}`, "aria-pressed": chosen.severities.has(rank), "data-rank": rank,
      onclick: () => { chosen.severities.has(rank) ? chosen.severities.delete(rank) : chosen.severities.add(rank); apply(); }},
      h("strong", {}, number(counts[rank])), each.word)));
  const focused = document.activeElement && document.activeElement.dataset.rank;
  tiles.replaceChildren(...buttons.reverse());
  if (focused !== undefined && focused !== null) {
    tiles.querySelector(`[data-rank="${Number(focused)}"]`)?.focus();
  }
}

/* The timeline */

function drawChart() {
  if (!found.length) {
    chart.replaceChildren(h("p", {class: "muted"}, "No alert to draw."));
    return;
  }
  const first = found.reduce((least, each) => Math.min(least, each.time), Infinity);
  const last = found.reduce((most, each) => Math.max(most, each.time), 0);
  const width = Math.max(chart.clientWidth - 24, 240), height = 170;
  const left = 40, top = 12, bottom = height - 24;
  const bins = Math.max(8, Math.min(80, Math.floor((width - left) / 12)));
  const span = Math.max(last - first, 60) / bins * 1.0001;
  const heap = Array.from({length: bins}, () => data.severities.map(() => 0));
  for (const each of found) heap[Math.min(bins - 1, Math.floor((each.time - first) / span))][each.severity] += 1;
  const totals = heap.map((each) => each.reduce((sum, one) => sum + one, 0));
  const most = Math.max(...totals);
  const x = (at) => left + (at - first) / (span * bins) * (width - left);
  const y = (count) => bottom - count / most * (bottom - top);
  const parts = [];
  for (const level of levels(most)) {
    parts.push(svg("line", {class: "grid", x1: left, x2: width, y1: y(level), y2: y(level)}),
      svg("text", {x: left - 6, y: y(level) + 4, "text-anchor": "end"}, number(level)));
  }
  for (const tick of ticks(first, first + span * bins, width / 130)) {
    parts.push(svg("line", {class: "grid", x1: x(tick.at), x2: x(tick.at), y1: bottom, y2: bottom + 4}),
      svg("text", {x: x(tick.at), y: bottom + 18, "text-anchor": x(tick.at) > width - 40 ? "end" : "middle"}, tick.text));
  }
  heap.forEach((counts, place) => {
    let base = 0;
    const from = first + place * span;
    counts.forEach((count, rank) => {
      if (!count) return;
      parts.push(svg("rect", {class: `bar s${rank}`, x: x(from), width: Math.max(x(from + span) - x(from), 2),
        y: y(base + count), height: y(base) - y(base + count)}));
      base += count;
    });
    if (base) {
      const text = counts.map((count, rank) => count ? `${number(count)} ${rankName[rank].toLowerCase()}` : "").filter(Boolean).reverse().join(", ");
      parts.push(svg("rect", {class: "hit", x: x(from), width: x(from + span) - x(from), y: top, height: bottom - top,
        onclick: () => narrow(from, from + span)}, svg("title", {}, `${clock(from)} UTC: ${text}`)));
    }
  });
  const busiest = totals.indexOf(most);
  const caption = `${things(found.length, "alert")} from ${clock(first)} to ${clock(last)} UTC; most, ${number(most)}, from ${clock(first + busiest * span)}`;
  chart.replaceChildren(
    svg("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": caption}, parts),
    h("figcaption", {}, `${caption}. `, h("span", {class: "noprint"}, "Choose a bar to see its alerts.")));
}

function narrow(from, to) {
  chosen.since = Math.floor(from);
  chosen.until = Math.ceil(to);
  since.value = iso(chosen.since).slice(0, 19);
  until.value = iso(chosen.until).slice(0, 19);
  apply();
}

/* Who did what */

function several(values, all) {
  const rest = all - Math.min(values.length, 3);
  return h("ul", {}, values.slice(0, 3).map((each) => h("li", {class: "mono"}, value(each))),
    rest > 0 ? h("li", {class: "muted"}, `and ${number(rest)} more`) : null);
}

function drawActors() {
  const counts = new Map();
  for (const each of found) {
    if (!counts.has(each.actor)) counts.set(each.actor, data.severities.map(() => 0));
    counts.get(each.actor)[each.severity] += 1;
  }
  const worst = (each) => each.reduce((score, count, rank) => count ? [rank, count] : score, [0, 0]);
  const order = [...counts].sort(([, one], [, other]) => {
    const [a, b] = [worst(one), worst(other)];
    return b[0] - a[0] || b[1] - a[1];
  });
  table.replaceChildren(...order.slice(0, 50).map(([place, numbers]) => {
    const actor = data.actors[place];
    const badges = numbers.map((count, rank) => count
      ? h("span", {class: `badge s${rank}`}, `${number(count)} ${rankName[rank]}`) : null).reverse();
    return h("tr", {},
      h("th", {scope: "row"}, h("button", {type: "button", class: "name", onclick: () => only(place)}, actor.name || actor.id || "not recorded"),
        actor.id && actor.id !== actor.name ? h("div", {class: "muted mono"}, value(actor.id)) : null),
      h("td", {"data-label": "Alerts"}, h("div", {class: "row"}, badges)),
      h("td", {"data-label": "First seen"}, actor.first === null ? "not recorded" : stamp(actor.first)),
      h("td", {class: "number", "data-label": "Events"}, number(actor.events)),
      h("td", {"data-label": "Addresses"}, several(actor.addresses, actor.all_addresses)),
      h("td", {"data-label": "Tools"}, several(actor.tools, actor.all_tools)),
      h("td", {"data-label": "Repositories"}, several(actor.repositories, actor.all_repositories)));
  }));
  actorsLeft.textContent = order.length > 50 ? `The 50 worst of ${number(order.length)} actors are listed.` : "";
}

const actorsLeft = h("p", {class: "muted"});

function only(place) {
  chosen.actor = String(place);
  byActor.querySelector("select").value = chosen.actor;
  apply();
  document.getElementById("alerts").scrollIntoView();
}

/* Alerts */

function row(each) {
  const details = h("details", {class: `alert s${each.severity}`},
    h("summary", {},
      h("span", {class: "head"}, h("span", {class: `badge s${each.severity}`}, rankName[each.severity]),
        h("strong", {}, each.title), stamp(each.time)),
      h("div", {}, value(each.summary))));
  rows.set(details, each);
  details.addEventListener("toggle", () => { if (details.open) fill(details, each); });
  return h("li", {}, details);
}

function fill(details, each) {
  if (details.children.length > 1) return;
  const actor = data.actors[each.actor];
  const facts = [
    ["Actor", [actor.name, actor.id !== actor.name ? actor.id : null].filter(Boolean).join(", ")],
    ["Address", each.ip], ["Tool", each.agent], ["Account", each.account], ["Region", each.region],
    ["Registry", each.registry], ["Repository", each.repository], ["Resource", each.resource],
    ["Counted", each.counted], ["Rule", each.rule], ["MITRE", each.mitre.join(", ")], ["Alert id", each.id],
  ].filter(([, text]) => text);
  details.append(h("div", {class: "body"},
    h("section", {}, h("h3", {}, "Why"), h("ul", {}, each.reasons.map((one) => h("li", {}, value(one))))),
    h("section", {}, h("h3", {}, "What to do"), h("p", {}, data.texts[each.mitigation])),
    h("section", {}, h("h3", {}, "What it can lead to"), h("p", {}, data.texts[each.impact])),
    h("section", {}, h("h3", {}, "Facts"), h("dl", {}, facts.map(([name, text]) => [h("dt", {}, name), h("dd", {}, value(text))]))),
    each.events.length ? h("section", {}, h("h3", {}, things(each.events.length, "event")),
      h("ul", {}, each.events.map((one) => h("li", {class: "mono"}, value(one))))) : null,
    each.silence ? h("section", {}, h("h3", {}, "The setting that would have silenced exactly this alert"), h("pre", {}, breakable(each.silence)),
      copier(() => each.silence, "Copy setting")) : null,
    h("section", {}, h("h3", {}, "Look further"), h("div", {class: "row"}, each.links.map(([text, address]) => link(text, address)))),
    h("section", {}, h("h3", {}, "References"), h("ul", {}, each.references.map((one) => h("li", {}, link(one, one)))))));
}

function extend() {
  const next = found.slice(shown, shown + SHOWN);
  list.append(...next.map(row));
  shown += next.length;
  more.hidden = shown >= found.length;
}

function apply() {
  found = alerts.filter((each) => matches(each));
  drawTiles();
  drawChart();
  drawActors();
  if (orders[chosen.order]) found.sort(orders[chosen.order]);
  shown = 0;
  list.hidden = true; /* removing thousands of rows is 20 times as fast without layout */
  list.getBoundingClientRect();
  list.replaceChildren();
  list.hidden = false;
  extend();
  status.textContent = found.length === alerts.length ? things(alerts.length, "alert")
    : `${number(found.length)} of ${things(alerts.length, "alert")} match the filters`;
}

const soonApply = soon(apply);

const period = alerts.length ? `${clock(alerts[0].time)} to ${clock(alerts[alerts.length - 1].time)} UTC` : "no alert";
document.body.append(
  h("a", {class: "skip", href: "#alerts"}, "Skip to the alerts"),
  h("header", {},
    h("h1", {}, "What happened in the registries"),
    h("p", {class: "muted"}, `${things(alerts.length + data.left_out, "alert")} from ${things(data.records, "event")} · ${period}`),
    h("p", {class: "muted"}, `Written by registrywatch ${data.version} on ${clock(data.written)} UTC`),
    data.problems ? h("p", {class: "notice"}, `Some input was not read: ${things(data.problems, "problem")}. The command's output lists them.`) : null,
    data.filtered ? h("p", {class: "notice"}, `${things(data.filtered, "more alert")} ${data.filtered === 1 ? "is" : "are"} not on this page: it was written with filters (${data.filters}).`) : null,
    data.left_out ? h("p", {class: "notice"}, `This page leaves out the least severe ${things(data.left_out, "alert")}.`) : null),
  h("main", {},
    h("section", {"aria-label": "By severity"}, tiles),
    h("section", {"aria-labelledby": "when"}, h("h2", {id: "when"}, "When"), chart),
    h("section", {"aria-labelledby": "who"}, h("h2", {id: "who"}, "Who did what"),
      h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of actors"},
        h("table", {}, h("thead", {}, h("tr", {}, ["Actor", "Alerts", "First seen", "Events", "Addresses", "Tools", "Repositories"]
          .map((name) => h("th", {scope: "col", class: name === "Events" ? "number" : null}, name)))), table)), actorsLeft),
    h("section", {"aria-labelledby": "alerts"}, h("h2", {id: "alerts", tabindex: "-1"}, "Alerts"), filters, status, cut, list, h("p", {}, more))));

apply();
onWidth(chart, drawChart);
new IntersectionObserver((entries) => {
  if (entries.some((each) => each.isIntersecting) && !more.hidden) extend();
}, {rootMargin: "600px"}).observe(more);

/* In print, alerts are open, up to PRINTED. What was opened for printing is closed afterwards. */

let opened = [];

addEventListener("beforeprint", () => {
  while (shown < Math.min(found.length, PRINTED)) extend();
  opened = [...list.querySelectorAll("details.alert:not([open])")].slice(0, PRINTED);
  opened.forEach((details) => {
    fill(details, rows.get(details)); /* the event `toggle` would come after printing */
    details.open = true;
  });
  cut.textContent = shown < found.length ? `${number(shown)} of ${things(found.length, "alert")} are shown.` : "";
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  opened = [];
});
