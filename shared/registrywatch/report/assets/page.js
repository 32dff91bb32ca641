"use strict";
/* Shared by all pages. Data is added to the page as text only: nothing here parses markup. */

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";

/* An element: h("p", {class: "muted"}, "text", child). A property "on…" is an event listener. */
function h(name, properties, ...children) {
  return filled(document.createElement(name), properties, children);
}

function svg(name, properties, ...children) {
  return filled(document.createElementNS(SVG, name), properties, children);
}

function filled(element, properties, children) {
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== "") element.append(child);
  }
  return element;
}

function value(text) {
  return h("span", {class: "value"}, breakable(text));
}

/* The text, with places where a line may break within a long word: after a separator; in a setting,
   between name and value. */
function breakable(text) {
  if (text.length > 2000) return text;
  return text.split(/(\S{16,})/).map((part, place) => place % 2
    ? part.split(/^[A-Z_]+=/.test(part) ? /(?<==)/ : /(?<=[/:=@_,;-]|\.(?=\D))(?![/:=@_.,;-])/)
      .map((piece, number) => number ? [h("wbr"), piece] : piece) : part);
}

/* How often a rule would have fired, in words. */
const wouldFire = (count) => count ? `would have fired ${things(count, "time")}` : "would not have fired";

/* The labels of a count axis that ends at `high`: a few round numbers. */
function levels(high) {
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1)));
  const step = Math.max(1, [.2, .5, 1, 2].map((each) => each * power).find((each) => high / each <= 4) || power);
  return Array.from({length: Math.floor(high / step)}, (_, place) => (place + 1) * step);
}

/* A link if the address is https; otherwise the text. */
function link(text, address) {
  if (!/^https:\/\//.test(address)) return value(text);
  return h("a", {href: address, rel: "noopener noreferrer"}, text);
}

const two = (number) => String(number).padStart(2, "0");

/* Seconds since the epoch as 2026-08-01 09:10:12, in UTC. */
function clock(at) {
  const when = new Date(at * 1000);
  const day = `${when.getUTCFullYear()}-${two(when.getUTCMonth() + 1)}-${two(when.getUTCDate())}`;
  return `${day} ${two(when.getUTCHours())}:${two(when.getUTCMinutes())}:${two(when.getUTCSeconds())}`;
}

const iso = (at) => new Date(at * 1000).toISOString();

function stamp(at) {
  return h("time", {datetime: iso(at)}, `${clock(at)} UTC`);
}

const grouped = new Intl.NumberFormat("en");
const number = (of) => grouped.format(of);
const things = (of, thing) => `${number(of)} ${thing}${of === 1 ? "" : "s"}`;

/* A button that copies text and then shows "Copied". */
function copier(text, label) {
  const button = h("button", {type: "button", class: "noprint"}, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      const area = h("textarea", {"aria-hidden": "true"}, text());
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}

/* The labels of a time axis: a few round times from `first` to `last`. */
function ticks(first, last, most) {
  const steps = [1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000];
  const step = steps.find((each) => (last - first) / each <= most) || 157680000;
  const found = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) found.push(at);
  const text = (at) => step >= 86400 ? clock(at).slice(0, 10)
    : last - first > 86400 ? clock(at).slice(5, 16) : clock(at).slice(11, step < 60 ? 19 : 16);
  return found.map((at) => ({at, text: text(at)}));
}

/* Call `draw` when the width changes. */
function onWidth(element, draw) {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth !== width) {
      width = element.clientWidth;
      draw();
    }
  }).observe(element);
}

/* A function that calls `work` at most once a frame. */
function soon(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; work(); });
  };
}
