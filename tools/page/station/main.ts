/** The station's page: joins the connection with the simulator, what is known, and the parts that show it. */
import { byId, element, say } from "../shared/elements.ts";
import { FrameList } from "../shared/frame-list.ts";
import { FrameStore, type Frame } from "../shared/frames.ts";
import { Live } from "../shared/live.ts";
import { afterEach } from "./action.ts";
import { CardLog } from "./card-log.ts";
import { Curves } from "./curves.ts";
import { EvsePanel } from "./evse-panel.ts";
import { Gauges } from "./gauges.ts";
import { StationModel, type StationState, type StationView } from "./model.ts";
import { RecordButton } from "./record.ts";
import { Settings } from "./settings.ts";
import { StationPanel } from "./station-panel.ts";

/** ms between two looks at the settings. */
const SETTINGS_PERIOD = 3000;

const model = new StationModel();
const cards = new CardLog();
const store = new FrameStore();
const list = new FrameList(store, { out: "to the CSMS", in: "from the CSMS", empty: "No messages so far." });
byId("messages").append(list.root);
const station = new StationPanel(byId("station"), model, cards);
const curves = new Curves(model);
const gauges = new Gauges(model);
const settings = new Settings(model);
const recorder = new RecordButton(byId("record"));
const evses = new Map<number, EvsePanel>();
const facts = ["power", "csms", "version"].map((id) => element("span", { class: "chip", id: `fact-${id}` }));
byId("facts").append(...facts);

let drawing = 0;

function renderLater(): void {
  if (drawing !== 0) return;
  drawing = requestAnimationFrame(() => {
    drawing = 0;
    render();
  });
}

function render(): void {
  const { state } = model;
  if (!state || !model.view) return;
  if (evses.size !== state.evses.length) {
    evses.clear();
    for (const { id } of state.evses) evses.set(id, new EvsePanel(id, model, cards));
    byId("chargers").replaceChildren(...[...evses.values()].map(({ root }) => root));
  }
  for (const evse of state.evses) evses.get(evse.id)?.render(evse);
  renderFacts(state);
  station.render();
  curves.render();
  gauges.render();
}

function renderFacts(state: StationState): void {
  const [power, csms, version] = facts;
  const fact = (chip: HTMLElement, text: string, kind: string): void => {
    say(chip, text);
    chip.className = `chip ${kind}`;
  };
  fact(power, state.powered ? "Power on" : "Power off", state.powered ? "good" : "bad");
  const registered = state.registration === "Accepted";
  const csmsWords = !state.online ? "No CSMS" : registered ? "CSMS connected" : `CSMS: ${state.registration ?? "not asked yet"}`;
  fact(csms, csmsWords, state.online && registered ? "good" : "warn");
  const speaks = state.protocol === null ? "" : `${state.protocol.replace("ocpp", "OCPP ")}, `;
  fact(version, `${speaks}${model.view?.engine === "espruino" ? "Espruino" : "Node"}, build ${model.view?.build ?? ""}`, "");
}

/** The station's name, and the way to the CSMS's page when there is one. */
function renderNames(): void {
  say(byId("identity"), settings.value("SecurityCtrlr.Identity") ?? "");
  const link = byId<HTMLAnchorElement>("csms");
  const { csmsPage = null } = model.view ?? {};
  link.hidden = csmsPage === null;
  if (csmsPage !== null) link.href = csmsPage;
}

function frames(found: Frame[]): void {
  list.add(found);
  cards.add(found);
  renderLater();
}

const live = new Live({
  frames,
  notes: (notes) => list.note(notes),
  state: (state) => {
    model.takeState(state as StationState);
    renderLater();
  },
  view: (view) => {
    if (model.takeView(view as StationView)) {
      list.clear();
      live.restart();
    }
    renderLater();
  },
  look: () => `/page/station?since=${model.lastRow}`,
  lastFrame: () => store.last,
  gone: (reason) => {
    const banner = byId("gone");
    banner.hidden = reason === null;
    say(banner, reason === null ? "" : `${reason} What is shown is how it was last; trying again every second.`);
    document.body.classList.toggle("stale", reason !== null);
  },
});

afterEach(() => live.poll());
live.start();

async function refreshSettings(): Promise<void> {
  await settings.refresh();
  await recorder.refresh(model.view?.recorder ?? false);
  renderNames();
  window.setTimeout(() => void refreshSettings(), document.hidden ? SETTINGS_PERIOD * 5 : SETTINGS_PERIOD);
}
void refreshSettings();
