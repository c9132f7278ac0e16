/** The CSMS's page: puts its parts together and keeps them in step with the CSMS. */
import { byId, clockTime, element, say } from "../shared/elements.ts";
import { FrameList } from "../shared/frame-list.ts";
import { FrameStore, type Frame } from "../shared/frames.ts";
import { Behaviour } from "./behaviour.ts";
import { Command } from "./command.ts";
import { get, Link, type CsmsState, type FeedEntry, type StationDetail } from "./link.ts";
import { Stations } from "./stations.ts";
import { Transactions } from "./transactions.ts";
import { settingOf, Variables } from "./variables.ts";

/** Entries that are kept of all stations, for when another one is chosen; and the characters of their frames. */
const MOST_ENTRIES = 5000;
const MOST_CHARACTERS = 15_000_000;
const MOST_LOG_LINES = 100;
/** ms between two looks at the chosen station. */
const DETAIL_PAUSE = 400;

let state: CsmsState | null = null;
let detail: StationDetail | null = null;
let chosen: string | null = null;
let entries: FeedEntry[] = [];
let detailTimer = 0;

const frames = new FrameList(new FrameStore(MOST_ENTRIES, MOST_CHARACTERS), {
  out: "from the station",
  in: "to the station",
  empty: "No message so far.",
});
byId("messages").append(frames.root);
const behaviour = new Behaviour(byId("behaviour"));
const command = new Command(byId("command"));
const transactions = new Transactions(byId("transactions-list"), (transactionId) => {
  const is16 = detail?.protocol === "ocpp1.6";
  void command.call(is16 ? "RemoteStopTransaction" : "RequestStopTransaction", {
    transactionId: is16 ? Number(transactionId) : transactionId,
  });
});
const variables = new Variables(byId("variables-table"), byId<HTMLInputElement>("variables-search"), (name, value) => {
  const setting = settingOf(name, value);
  if (setting && detail?.protocol !== "ocpp1.6") command.open("SetVariables", setting);
  else command.open("ChangeConfiguration", { key: name, value });
});
const stations = new Stations(byId("stations-list"), {
  choose: (identity) => choose(identity),
  command: (action, now) => void (now ? command.call(action) : command.open(action)),
});

function choose(identity: string): void {
  if (identity === chosen) return;
  chosen = identity;
  detail = null;
  frames.clear();
  show(entries);
  draw();
  void look();
}

function draw(): void {
  if (!state) return;
  stations.draw(state.stations, chosen);
  command.update(state.stations.find(({ identity }) => identity === chosen) ?? null, detail);
  if (chosen === null || !detail) return;
  transactions.draw(chosen, detail.transactions, detail.transactionCount);
  variables.update(chosen, detail.variables);
}

function lookLater(): void {
  if (detailTimer === 0) detailTimer = window.setTimeout(() => void look(), DETAIL_PAUSE);
}

async function look(): Promise<void> {
  window.clearTimeout(detailTimer);
  detailTimer = 0;
  const wanted = chosen;
  if (wanted === null) return;
  try {
    const seen = await get<StationDetail>("/api/station", { id: wanted });
    if (wanted !== chosen) return;
    detail = seen;
    draw();
  } catch {
    // The banner says when the CSMS is gone.
  }
}

/** The frames among them that are of the chosen station. */
function show(batch: readonly FeedEntry[]): void {
  const own = batch.filter(({ kind, identity }) => kind === "frame" && identity === chosen);
  if (own.length === 0) return;
  // The list sees them from the station's side.
  frames.add(own.map(({ k, t, dir, text = "" }): Frame => ({ k, t, dir: dir === "in" ? "out" : "in", text })));
  frames.note(own.map(({ k, words, faults }) => ({ k, words, faults })));
}

function log(batch: readonly FeedEntry[]): void {
  const list = byId("log-list");
  const lines = batch.flatMap(({ kind, t, identity, words, faults = [] }) => {
    const texts = [...(kind === "link" && words !== "" ? [words] : []), ...faults];
    return texts.map((text) => {
      const isFault = faults.includes(text);
      const attributes = { class: isFault ? "bad" : "" };
      return element("li", attributes, `${clockTime(t)} `, element("strong", {}, identity), ` ${isFault ? "⚠ " : ""}${text}`);
    });
  });
  if (lines.length > 0) list.prepend(...lines.reverse());
  while (list.children.length > MOST_LOG_LINES) list.lastElementChild?.remove();
}

function forget(): void {
  entries = [];
  detail = null;
  frames.clear();
  byId("log-list").replaceChildren();
}

new Link({
  state: (seen, restarted) => {
    if (restarted) forget();
    state = seen;
    say(byId("address"), seen.url);
    const beside = byId<HTMLAnchorElement>("station-page");
    beside.hidden = seen.stationPage === null;
    if (seen.stationPage !== null) beside.href = seen.stationPage;
    command.csms(seen.url, seen.now);
    behaviour.draw(seen);
    const known = seen.stations.some(({ identity }) => identity === chosen);
    const first = seen.stations.find(({ online }) => online) ?? seen.stations[0];
    draw();
    if (!known && first) choose(first.identity);
    else lookLater();
  },
  feed: (batch) => {
    entries.push(...batch);
    if (entries.length > MOST_ENTRIES * 1.2) entries = entries.slice(-MOST_ENTRIES);
    show(batch);
    log(batch);
    if (batch.some(({ identity }) => identity === chosen)) lookLater();
  },
  gone: (reason) => {
    byId("gone").hidden = reason === null;
    say(byId("gone"), reason ?? "");
  },
}).start();
