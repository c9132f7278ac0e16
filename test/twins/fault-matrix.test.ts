/**
 * The fault matrix of board esp32-devkit: what can go wrong with each of its inputs, in each state of the station. Contactor and OCPP reports have to
 * be those of the table in docs/safety.md, which `UPDATE_SAFETY=1` writes anew. FULL=1 looks at all of it, otherwise chance (SEED) chooses a part. On
 * Espruino the rows of a car that charges, of OCPP 2.0.1, are looked at.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { builtImage } from "../../tools/sim/image.ts";
import { noise, type Trouble } from "../../tools/twins/sensor.ts";
import { hasEspruino } from "../scenario/harness.ts";
import { call, timeIn } from "../scenario/steps.ts";
import { BOARD, CARD, withRig, type Rig } from "./rig.ts";

const PAGE = new URL("../../docs/safety.md", import.meta.url);
const BEGIN = "<!-- table: written by test/twins/fault-matrix.test.ts -->";
/** Seconds in which a fault has its effects: a meter is given up after 10. */
const EFFECT = 14;

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const isUpdate = process.env.UPDATE_SAFETY === "1";
const isWhole = isUpdate || process.env.FULL === "1";
/** Part of the table that is looked at otherwise. */
const PART = 1 / 8;

/** A request of the CSMS, in the words of 2.0.1 or of 1.6, that has to be accepted. */
async function ask({ bench }: Rig, action: string, is16: boolean, payload: object, payload16: object): Promise<void> {
  assert.equal((await call(bench, action, (is16 ? payload16 : payload) as never)).status, "Accepted");
}

/** No energy is allowed. */
async function allowNothing(rig: Rig, is16: boolean): Promise<void> {
  const profile = { stackLevel: 0, chargingProfilePurpose: "TxDefaultProfile", chargingProfileKind: "Absolute" };
  const schedule = {
    chargingRateUnit: "A",
    startSchedule: "2020-01-01T00:00:00Z",
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 0 }],
  };
  await ask(
    rig,
    "SetChargingProfile",
    is16,
    { evseId: 1, chargingProfile: { ...profile, id: 1, chargingSchedule: [{ ...schedule, id: 1 }] } },
    { connectorId: 1, csChargingProfiles: { ...profile, chargingProfileId: 1, chargingSchedule: schedule } },
  );
}

/** Each brings a station whose EVSE is Available into a state; `is16`: by OCPP 1.6. */
const STATES: Readonly<Record<string, (rig: Rig, is16: boolean) => Promise<void>>> = {
  Available: async () => undefined,
  Preparing: async ({ bench }) => bench.post("/evse/1/plug"),
  Charging: (rig) => rig.charge(),
  SuspendedEV: async (rig) => {
    await rig.charge();
    await rig.bench.post("/evse/1/ev", { draw: false });
  },
  SuspendedEVSE: async (rig, is16) => {
    await rig.charge();
    await rig.bench.settled();
    await allowNothing(rig, is16);
    assert.equal(await rig.isClosed(), false);
  },
  Finishing: async (rig) => {
    await rig.charge();
    await rig.bench.post("/evse/1/ev", { draw: false });
    await rig.bench.post("/tap", CARD);
    await rig.bench.settled();
  },
  Reserved: async (rig, is16) => {
    const until = await timeIn(rig.bench, 3600);
    await ask(
      rig,
      "ReserveNow",
      is16,
      { id: 1, expiryDateTime: until, idToken: CARD, evseId: 1 },
      { connectorId: 1, expiryDate: until, idTag: CARD.idToken, reservationId: 1 },
    );
  },
  Unavailable: (rig, is16) =>
    ask(
      rig,
      "ChangeAvailability",
      is16,
      { operationalStatus: "Inoperative", evse: { id: 1 } },
      { connectorId: 1, type: "Inoperative" },
    ),
};

interface Cell {
  input: string;
  trouble: Trouble;
  state: string;
  contactor: string;
  /** By protocol. */
  reports: string[];
}

/** One that was not looked at. */
const UNSEEN = "?";

/** The inputs in the order of `Rig.sensors`, and what can go wrong with each. */
const INPUTS: readonly (readonly [name: string, ...troubles: Trouble[]])[] = [
  ["control pilot, positive peak", "stuck", "noisy", "out of range", "silent"],
  ["control pilot, negative peak", "stuck", "noisy", "out of range", "silent"],
  ["proximity contact", "stuck", "noisy", "out of range", "silent"],
  ["lock feedback", "stuck", "noisy", "silent"],
  ["contactor feedback", "stuck", "noisy", "silent"],
  ["residual current monitor", "stuck", "noisy", "silent"],
  ["thermistor", "stuck", "noisy", "out of range", "silent"],
  ["energy meter", "stuck", "noisy", "out of range", "silent", "wrong checksum"],
  ["card reader", "stuck", "noisy", "silent", "wrong checksum"],
];

const PROTOCOLS = ["ocpp2.0.1", "ocpp1.6"] as const;
type Engine = "node" | "espruino";

/** What input `index` with `trouble` does to a station in `state`. */
async function watch(
  engine: Engine,
  protocol: string,
  index: number,
  trouble: Trouble,
  state: string,
): Promise<[contactor: string, report: string]> {
  let result: [string, string] = ["", ""];
  const station = { engine, protocol, seed: 1 };
  await withRig({ station, csms: { protocols: [protocol] } as never, allowViolations: false }, async (rig) => {
    const { bench, wiring } = rig;
    await STATES[state](rig, protocol === PROTOCOLS[1]);
    await bench.settled();
    await bench.advance(4);
    await bench.quiet();
    const told = reports(rig).length;
    wiring.isManual = true;
    const sensor = rig.sensors[index];
    assert.deepEqual(sensor.troubles, INPUTS[index].slice(1), sensor.name);
    sensor.trouble = trouble;
    const closed: boolean[] = [];
    for (let second = 0; second < EFFECT; second++) {
      await bench.advance(1);
      closed.push(await rig.isClosed());
    }
    await bench.quiet();
    const heard = reports(rig).slice(told);
    result = [contactorOf(closed, state), (trouble === "noisy" ? [...new Set(heard)] : heard).join(", ") || "–"];
    // Whatever it is: a plug that is torn out is dead.
    await bench.post("/evse/1/unplug", { force: true });
    await bench.advance(1);
    assert.equal(await rig.isClosed(), false, "the contactor of a socket without a plug");
    sensor.trouble = null;
    wiring.isManual = false;
  });
  return result;
}

function contactorOf(closed: readonly boolean[], state: string): string {
  if (!closed.includes(true)) return state === "Charging" ? "opens" : "open";
  if (!closed.includes(false)) return "stays closed";
  return closed[closed.length - 1] ? "opens and closes" : "opens";
}

/** Statuses of the EVSE, and ends of transactions, in the words of the protocol. */
function reports({ bench }: Rig): string[] {
  return bench.station
    .frames()
    .filter(({ dir }) => dir === "out")
    .map(({ text }) => JSON.parse(text) as [number, string, string, Record<string, unknown>])
    .filter(([kind]) => kind === 2)
    .flatMap(([, , action, payload]) => {
      if (action === "StatusNotification" && payload.connectorStatus) return [String(payload.connectorStatus)];
      if (action === "StatusNotification" && payload.connectorId === 1)
        return [
          payload.errorCode === "NoError" ? String(payload.status) : `${String(payload.status)} (${String(payload.errorCode)})`,
        ];
      if (action === "StopTransaction") return [`StopTransaction ${String(payload.reason ?? "Local")}`];
      const info = payload.transactionInfo as { stoppedReason?: string } | undefined;
      return action === "TransactionEvent" && payload.eventType === "Ended" ? [`Ended ${String(info?.stoppedReason)}`] : [];
    });
}

function tableOf(cells: readonly Cell[]): string {
  const rows = cells.map(
    ({ input, trouble, state, contactor, reports }) =>
      `| ${input} | ${trouble} | ${state} | ${contactor} | ${reports.join(" | ")} |`,
  );
  return [
    BEGIN,
    "",
    "| input | is | state | contactor | told in 2.0.1 | told in 1.6 |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** What is the same each time: which statuses noise brings about, and which of them are told, depends on the moment; the end of a transaction does not. */
function steady(trouble: Trouble, row: readonly string[] | undefined): (string | undefined)[] | undefined {
  return trouble === "noisy"
    ? row?.map((text, i) => (i ? /Ended \w+|StopTransaction \w+/.exec(text)?.[0] : text))
    : row && [...row];
}

/** Row of the committed table. */
function committed({ input, trouble, state }: Pick<Cell, "input" | "trouble" | "state">): string[] | undefined {
  const line = readFileSync(PAGE, "utf8")
    .split("\n")
    .find((row) => row.startsWith(`| ${input} | ${trouble} | ${state} |`));
  return line
    ?.split("|")
    .slice(4, -1)
    .map((cell) => cell.trim());
}

describe(`fault matrix (SEED=${SEED})`, function () {
  const random = noise(SEED);
  this.timeout(600_000);
  const all: Cell[] = [];
  // Once, not by each of the stations that begin together.
  before(async () => void (await builtImage(BOARD)));

  /** What was looked at now, and of the rest what the page has, in the order of `INPUTS`. */
  const everyRow = (): Cell[] =>
    INPUTS.flatMap(([input, ...troubles]) =>
      troubles.flatMap((trouble) => Object.keys(STATES).map((state) => ({ input, trouble, state }))),
    ).flatMap((key): Cell[] => {
      const now = all.find((cell) => cell.input === key.input && cell.trouble === key.trouble && cell.state === key.state);
      const [contactor, ...reports] = committed(key) ?? [];
      return now ? [now] : contactor === undefined ? [] : [{ ...key, contactor, reports }];
    });

  for (const [index, [name, ...troubles]] of INPUTS.entries()) {
    for (const trouble of troubles) {
      const chosen = Object.keys(STATES)
        .map((state) => ({ state, protocols: PROTOCOLS.filter(() => isWhole || random() < PART) }))
        .filter(({ protocols }) => protocols.length > 0);
      const looked = `${name}: ${trouble}, ${chosen.map(({ state }) => state).join(", ")} [node]`;
      const look = async (): Promise<void> => {
        const cells = await Promise.all(
          chosen.map(async ({ state, protocols }): Promise<Cell> => {
            const results = await Promise.all(protocols.map((protocol) => watch("node", protocol, index, trouble, state)));
            const reports = PROTOCOLS.map((protocol) => results[protocols.indexOf(protocol)]?.[1] ?? UNSEEN);
            return { input: name, trouble, state, contactor: results[0][0], reports };
          }),
        );
        all.push(...cells);
        if (isUpdate) return;
        for (const cell of cells) {
          const expected = committed(cell)?.map((text, i) => (cell.reports[i - 1] === UNSEEN ? UNSEEN : text));
          assert.deepEqual(steady(trouble, [cell.contactor, ...cell.reports]), steady(trouble, expected), cell.state);
        }
      };
      if (chosen.length > 0) it(looked, look);
      const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
      it(`${name}: ${trouble}, while a car charges [espruino${missing}]`, async function () {
        if (missing) this.skip();
        const [contactor, report] = await watch("espruino", PROTOCOLS[0], index, trouble, "Charging");
        const row = committed({ input: name, trouble, state: "Charging" })?.slice(0, 2);
        assert.deepEqual(steady(trouble, [contactor, report]), steady(trouble, row));
      });
    }
  }

  after(() => {
    if (!isUpdate) return;
    const text = readFileSync(PAGE, "utf8");
    writeFileSync(PAGE, text.slice(0, text.indexOf(BEGIN)) + tableOf(everyRow()));
  });
});
