/**
 * What the browser runs, as it is sent: nothing compiles it. What it puts into the page was escaped by
 * who rendered it.
 */
export const script = `"use strict";
const places = new Map();
for (const place of document.querySelectorAll("[data-live]")) places.set(place.dataset.live, place);
const connection = document.getElementById("connection");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function localTimes(within) {
  for (const time of within.querySelectorAll("time")) {
    time.textContent = clock.format(new Date(time.dateTime));
  }
}

function say(text) {
  if (connection.textContent !== text) connection.textContent = text;
}

function show({ title, ...sections }) {
  if (title !== undefined) document.title = title;
  for (const [name, html] of Object.entries(sections)) {
    const place = places.get(name);
    if (place === undefined) continue;
    place.innerHTML = html;
    localTimes(place);
  }
}

let watch;
let last = new Date();

function heard() {
  clearTimeout(watch);
  watch = setTimeout(lost, 5000);
  last = new Date();
  document.documentElement.classList.remove("lost");
  say("Live.");
}

function lost() {
  document.documentElement.classList.add("lost");
  say("No connection since " + clock.format(last) + ". What is below is from then.");
}

function connect() {
  const events = new EventSource("status/events");
  events.onmessage = ({ data }) => {
    heard();
    show(JSON.parse(data));
  };
  events.onerror = () => {
    // The browser takes it up again by itself, unless it was refused.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  };
}

localTimes(document);
watch = setTimeout(lost, 5000);
connect();
`;
