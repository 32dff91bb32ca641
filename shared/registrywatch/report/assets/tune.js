/* What would have fired at each threshold; computed again as the slider moves. */

/* The alerts at a threshold: each step that reaches it and is far enough from the steps that raised
   an alert before. Late events are taken in the order in which they were counted. */
function alertsAt(series, threshold) {
  const found = [], far = series.quiet_distance;
  for (const group of series.groups) {
    const steps = [];
    for (const [step, count] of group.counted || group.points) {
      if (count < threshold) continue;
      let place = steps.length;
      while (place && steps[place - 1] > step) place -= 1;
      if ((place && step - steps[place - 1] < far) || (place < steps.length && steps[place] - step < far)) continue;
      steps.splice(place, 0, step);
    }
    for (const step of steps) found.push({at: (step + 1) * series.step_seconds, group});
  }
  return found.sort((one, other) => one.at - other.at);
}

function mostInAWeek(alerts) {
  let first = 0, most = 0;
  alerts.forEach((each, place) => {
    while (alerts[first].at <= each.at - 604800) first += 1;
    most = Math.max(most, place + 1 - first);
  });
  return most;
}

const place = (where) => [where.repository, where.registry || where.account, where.region].filter(Boolean).join(", ");
const actor = (where) => where.actor || "an actor that is not recorded";

function section(found, series, key) {
  const title = found.setting ? found.rule : `${found.rule}: ${found.fires}`;
  const top = Math.max(series.groups.length ? series.groups[0].most : 0, found.now.threshold);
  const start = found.threshold === null ? found.now.threshold : found.threshold;
  const state = {threshold: start, group: ""};
  const slider = h("input", {type: "range", min: series.least, max: Math.min(top + 1, data.most), value: start, step: 1,
    "aria-label": `Threshold of ${title}`});
  const entry = h("input", {type: "number", min: 1, max: data.most, value: start, "aria-label": `Threshold of ${title} as a number`});
  const status = h("p", {class: "status", role: "status", "aria-live": "polite"});
  const setting = h("pre", {tabindex: "0", "aria-label": "Setting"});
  const figure = h("figure", {});
  const groups = h("tbody", {});
  const choice = h("select", {"aria-label": `Group of ${title} that is drawn`},
    h("option", {value: ""}, "the highest of all groups"),
    series.groups.slice(0, 50).map((each, number) => h("option", {value: number}, `${actor(each.where)} (${place(each.where)})`)));

  function draw() {
    const alerts = alertsAt(series, state.threshold);
    const chosen = state.group === "" ? series.groups : [series.groups[Number(state.group)]];
    const first = data.first, last = Math.max(data.last, data.first + 60);
    const width = Math.max(figure.clientWidth - 24, 240), height = 200, left = 44, upper = 12, bottom = height - 24;
    const high = Math.max(top, state.threshold) * 1.05;
    const x = (at) => left + (at - first) / (last - first) * (width - left);
    const y = (count) => bottom - count / high * (bottom - upper);
    const columns = new Map();
    for (const group of chosen) {
      for (const [step, count] of group.points) {
        const column = Math.round(x((step + .5) * series.step_seconds));
        columns.set(column, Math.max(columns.get(column) || 0, count));
      }
    }
    const parts = [];
    for (const level of levels(high)) {
      parts.push(svg("line", {class: "grid", x1: left, x2: width, y1: y(level), y2: y(level)}),
        svg("text", {x: left - 6, y: y(level) + 4, "text-anchor": "end"}, number(level)));
    }
    for (const tick of ticks(first, last, width / 130)) {
      parts.push(svg("text", {x: x(tick.at), y: bottom + 18, "text-anchor": x(tick.at) > width - 40 ? "end" : "middle"}, tick.text));
    }
    const path = [...columns].sort(([one], [other]) => one - other).map(([column, count]) => `M${column} ${bottom}V${y(count).toFixed(1)}`).join("");
    parts.push(svg("line", {class: "grid", x1: left, x2: width, y1: bottom, y2: bottom}),
      svg("path", {class: "count", d: path}),
      svg("line", {class: "present", x1: left, x2: width, y1: y(found.now.threshold), y2: y(found.now.threshold)}),
      svg("text", {x: width, y: y(found.now.threshold) - 4, "text-anchor": "end"}, `now ${number(found.now.threshold)}`),
      svg("line", {class: "limit", x1: left, x2: width, y1: y(state.threshold), y2: y(state.threshold)}));
    for (const each of alerts) {
      if (chosen.includes(each.group)) parts.push(svg("circle", {class: "dot", cx: x(each.at), cy: y(state.threshold), r: 4}, svg("title", {}, `${clock(each.at)} UTC: ${actor(each.group.where)}`)));
    }
    const label = `Counts of ${found.rule} over time, at most ${number(Math.max(0, ...chosen.map((each) => each.most)))}; the threshold ${number(state.threshold)} is the dashed line, the present one the dotted line, each dot an alert`;
    figure.replaceChildren(svg("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label}, parts),
      h("figcaption", {}, label));
    const byGroup = new Map();
    for (const each of alerts) byGroup.set(each.group, (byGroup.get(each.group) || 0) + 1);
    status.textContent = alerts.length
      ? `At ${number(state.threshold)} it ${wouldFire(alerts.length)} for ${things(byGroup.size, "group")}, at most ${number(mostInAWeek(alerts))} in any seven days`
      : `At ${number(state.threshold)} it ${wouldFire(0)}`;
    setting.textContent = found.setting ? `${found.setting}=${state.threshold}` : "No setting changes this count.";
    groups.replaceChildren(...series.groups.slice(0, 10).map((each) => h("tr", {},
      h("th", {scope: "row", class: "mono"}, value(actor(each.where))),
      h("td", {"data-label": "Where"}, value(place(each.where))),
      h("td", {class: "number", "data-label": "Most in a window"}, number(each.most)),
      h("td", {class: "number", "data-label": "Alerts"}, number(byGroup.get(each) || 0)))));
  }

  const drawSoon = soon(draw);
  function move(to) {
    const threshold = Math.min(Math.max(Math.round(Number(to)) || 1, series.least), data.most);
    if (threshold === state.threshold) return;
    state.threshold = threshold;
    slider.value = threshold;
    if (document.activeElement !== entry) entry.value = threshold;
    drawSoon();
  }
  slider.addEventListener("input", () => move(slider.value));
  entry.addEventListener("input", () => move(entry.value));
  entry.addEventListener("change", () => { entry.value = state.threshold; });
  choice.addEventListener("change", () => { state.group = choice.value; draw(); });

  const section = h("section", {class: "rule", "aria-labelledby": `rule-${key}`},
    h("h2", {id: `rule-${key}`}, value(title)),
    h("p", {}, "Fires where an actor or group ", value(found.fires), "."),
    h("p", {class: "muted"}, `The present threshold is ${number(found.now.threshold)}: it ${wouldFire(found.now.alerts)}. `
      + (found.threshold === null ? (found.setting ? `No threshold would have stayed within ${things(data.alerts_per_week, "alert")} a week.` : "")
        : `The lowest with at most ${things(data.alerts_per_week, "alert")} in any seven days is ${number(found.threshold)}.`)),
    series.least > 1 ? h("p", {class: "muted"}, `Thresholds below ${number(series.least)} are left out of this page.`) : null,
    h("div", {class: "slider noprint"}, slider, entry), status, figure,
    h("label", {class: "field noprint"}, "Group that is drawn", choice),
    setting, found.setting ? copier(() => setting.textContent, "Copy setting") : null,
    h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `Groups of ${title}`}, h("table", {},
      h("thead", {}, h("tr", {}, ["Actor", "Where", "Most in a window", "Alerts"].map((name, column) => h("th", {scope: "col", class: column > 1 ? "number" : null}, name)))), groups)));
  draw();
  onWidth(figure, draw);
  return section;
}

const WHERE = "Repositories or actors";

function severities(of) {
  return Object.entries(of).map(([name, count]) => `${number(count)} ${name}`).join(", ");
}

function silenced(each, word, unnamed) {
  const names = each.others.map((one) => `${one.name === null ? unnamed : `${word} ${one.name}`} (${number(one.alerts)})`);
  return h("tr", {},
    h("th", {scope: "row", class: "mono"}, value(`${each.setting}=${each.value}`)),
    h("td", {class: "number", "data-label": "Would have silenced"}, number(each.alerts)),
    h("td", {"data-label": "Severities"}, severities(each.severities)),
    h("td", {"data-label": WHERE}, h("ul", {}, names.map((name) => h("li", {}, value(name))))));
}

function fired(rule, key) {
  const rows = [...rule.actors.map((each) => silenced(each, "in", "in no single repository")),
    ...rule.repositories.map((each) => silenced(each, "by", "by an actor that is not recorded"))];
  return h("section", {class: "rule", "aria-labelledby": `fired-${key}`},
    h("h2", {id: `fired-${key}`}, rule.rule),
    h("p", {}, `It ${wouldFire(rule.alerts)}: ${severities(rule.severities)}.`),
    rows.length ? h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `Settings of ${rule.rule}`}, h("table", {},
      h("thead", {}, h("tr", {}, ["Setting", "Would have silenced", "Severities", WHERE].map((name, column) => h("th", {scope: "col", class: column === 1 ? "number" : null}, name)))),
      h("tbody", {}, rows))) : null);
}

const main = h("main", {});
document.body.append(
  h("header", {},
    h("h1", {}, "What would have fired"),
    h("p", {class: "muted"}, data.first === null ? `${things(data.records, "event")}; none that a rule reads`
      : `${things(data.records, "event")} · ${clock(data.first)} to ${clock(data.last)} UTC`),
    h("p", {class: "muted"}, `Written by registrywatch ${data.version} on ${clock(data.written)} UTC`),
    data.first !== null && data.last - data.first < 604800
      ? h("p", {class: "notice"}, "These events span less than a week. A whole week may show more.") : null,
    data.problems ? h("p", {class: "notice"}, `Some input was not read: ${things(data.problems, "problem")}. The command's output lists them.`) : null),
  main);
main.append(
  ...data.counted.map((found, key) => section(found, data.series[key], key)),
  ...data.fired.map((rule, key) => fired(rule, key)),
  data.counted.length || data.fired.length ? "" : h("p", {}, "No rule would have fired, and no rule counted anything."));
