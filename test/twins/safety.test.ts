/** The safety rules of src/drivers/safety.ts and the drivers under them, at the voltages and contacts of board esp32-devkit. */
import assert from "node:assert/strict";
import { RESISTORS } from "../../tools/twins/proximity.ts";
import { call } from "../scenario/steps.ts";
import { hasEspruino } from "../scenario/harness.ts";
import { CARD, onTwins, withRig, type Rig } from "./rig.ts";

/** The last Ended that the CSMS was sent, as `trigger reason`. */
function ended({ bench }: Rig): string | undefined {
  const [last] = (bench.sent("TransactionEvent") as { eventType: string; triggerReason: string; transactionInfo: object }[])
    .filter(({ eventType }) => eventType === "Ended")
    .slice(-1);
  return last && `${last.triggerReason} ${String((last.transactionInfo as { stoppedReason?: string }).stoppedReason)}`;
}

/** Limit the running transaction, A. */
async function limit({ bench }: Rig, amps: number): Promise<void> {
  await bench.settled();
  const chargingProfile = {
    id: 1,
    stackLevel: 0,
    chargingProfilePurpose: "TxDefaultProfile",
    chargingProfileKind: "Absolute",
    chargingSchedule: [
      {
        id: 1,
        chargingRateUnit: "A",
        startSchedule: "2020-01-01T00:00:00Z",
        chargingSchedulePeriod: [{ startPeriod: 0, limit: amps }],
      },
    ],
  };
  assert.equal((await call(bench, "SetChargingProfile", { evseId: 1, chargingProfile })).status, "Accepted");
}

describe("safety rules: the contactor closes only", () => {
  onTwins("with a car in state C, behind a closed lock, without a fault, and for somebody who is accepted", {}, async (rig) => {
    const { bench } = rig;
    await bench.post("/evse/1/plug");
    await bench.post("/evse/1/ev", { draw: true });
    await bench.advance(12);
    assert.equal(await rig.isClosed(), false, "without authorization");
    rig.lock.feedback.trouble = "silent";
    await bench.post("/tap", CARD);
    await bench.quiet();
    await bench.advance(2);
    assert.equal(await rig.isClosed(), false, "with an open lock");
    rig.lock.feedback.trouble = null;
    await bench.advance(2);
    assert.equal(await rig.isClosed(), true, "with everything");
    await bench.post("/evse/1/ev", { draw: false });
    assert.equal(await rig.isClosed(), false, "with a car in state B");
    await bench.settled();
  });

  onTwins("not with a car that asks for ventilation (D)", {}, async (rig) => {
    const { bench } = rig;
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    rig.pilot.forced = "D";
    await bench.advance(5);
    assert.equal(await rig.isClosed(), false);
    assert.equal(rig.status(), "Faulted");
    rig.pilot.forced = null;
    await bench.post("/evse/1/unplug", { force: true });
    await bench.settled();
    assert.equal(rig.status(), "Available");
  });

  onTwins("not with a car without a diode, until that has gone", {}, async (rig) => {
    const { bench } = rig;
    rig.pilot.hasDiode = false;
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.post("/evse/1/ev", { draw: true });
    await bench.advance(10);
    assert.equal(await rig.isClosed(), false);
    assert.equal(rig.status(), "Faulted");
    assert.equal(ended(rig), "AbnormalCondition Other");
    await bench.post("/evse/1/unplug", { force: true });
    rig.pilot.hasDiode = true;
    await bench.settled();
    assert.equal(rig.status(), "Available");
    await rig.charge();
  });
});

/** What makes the contactor open, from a car that charges. */
const CAUSES: Readonly<Record<string, (rig: Rig) => unknown>> = {
  "the car stops (B)": (rig) => (rig.pilot.forced = "B"),
  "the car has gone (A)": (rig) => (rig.pilot.forced = "A"),
  "the car wants ventilation (D)": (rig) => (rig.pilot.forced = "D"),
  "the pilot is shorted (E)": (rig) => (rig.pilot.forced = "E"),
  "the pilot is at -12 V (F)": (rig) => (rig.pilot.forced = "F"),
  "the pilot is out of range": (rig) => (rig.pilot.high.trouble = "out of range"),
  "the diode is missing": (rig) => (rig.pilot.hasDiode = false),
  "the lock opens": (rig) => (rig.lock.feedback.trouble = "silent"),
  "the residual current monitor opens its contact": (rig) => (rig.rcd.contact.trouble = "silent"),
  "the hardware reports another fault": (rig) => rig.bench.post("/evse/1/fault", { code: "OtherError" }),
  "the card has been read again": (rig) => rig.wiring.say(`K0,${CARD.type},${CARD.idToken}`),
};

describe("safety rules: the contactor opens within one poll", () => {
  for (const [title, cause] of Object.entries(CAUSES)) {
    onTwins(`when ${title}`, {}, async (rig) => {
      await rig.charge();
      await rig.bench.settled();
      await rig.wiring.settled();
      rig.still();
      await rig.poll(5);
      assert.equal(await rig.isClosed(), true);
      await cause(rig);
      await rig.poll(1);
      assert.equal(await rig.isClosed(), false);
    });
  }
});

describe("safety rules: faults of the firmware", () => {
  for (const what of ["exception", "LOW_MEMORY,MEMORY"]) {
    onTwins(`an event that ends with ${what} opens the contactor; energy waits, then flows again`, {}, async (rig) => {
      const { bench, wiring } = rig;
      await rig.charge();
      await wiring.say("h4");
      await wiring.say(`e${what}`);
      await bench.until("the contactor opens", async () => !(await rig.isClosed()));
      await bench.advance(4);
      assert.equal(await rig.isClosed(), false, "in the time that was drawn");
      await bench.advance(3);
      assert.equal(await rig.isClosed(), true, "behind it");
      assert.equal(ended(rig), undefined);
      await bench.settled();
    });
  }

  // Node's memory has no end.
  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  for (const free of [20, 8]) {
    it(`a memory of which ${free} variables are left, too few to load anything, opens the contactor [espruino${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(120_000);
      const log: string[] = [];
      const station = { engine: "espruino", print: (line: string) => void log.push(line) } as const;
      await withRig({ station, allowViolations: true }, async (rig) => {
        await rig.charge();
        await rig.bench.settled();
        await rig.wiring.settled();
        rig.still();
        void rig.wiring.say(`m${free}`).catch(() => undefined); // no room for the acknowledgement
        await rig.bench.until("the contactor opens", () => !rig.evse.isClosed);
        assert.deepEqual(
          log.filter((line) => /^fault|^the engine ended/.test(line)),
          [],
          "what would be loaded, or a start",
        );
      });
    });
  }

  onTwins(
    "a reset opens the contactor, and a transaction that goes on waits",
    { station: { set: { "TxCtrlr.ResumptionTimeout": "600" } } },
    async (rig) => {
      const { bench, wiring } = rig;
      await rig.charge();
      await bench.settled();
      wiring.restartDelay = 20;
      await bench.post("/power", { on: false });
      assert.equal(await rig.isClosed(), false);
      await bench.post("/power", { on: true });
      await bench.settled();
      await bench.advance(5);
      assert.equal(await rig.isClosed(), false, "in the time that was drawn");
      assert.equal((await bench.station.state()).evses[0].limitAmps, 0);
      await bench.advance(20);
      assert.equal(await rig.isClosed(), true, "behind it");
      await bench.settled();
    },
  );
});

describe("safety rules: current", () => {
  onTwins("a new limit is on the pilot within 5 s", {}, async (rig) => {
    const { bench } = rig;
    await rig.charge(32);
    await limit(rig, 10);
    await bench.advance(5);
    assert.equal((await bench.station.state()).evses[0].limitAmps, 10);
    assert.ok(Math.abs(rig.pilot.duty - 10 / 60) < 0.0001, String(rig.pilot.duty));
    await limit(rig, 0);
    await bench.advance(5);
    assert.equal(rig.pilot.duty, 1);
    assert.equal(await rig.isClosed(), false);
    await bench.settled();
  });

  onTwins("more than is offered for 10 s opens the contactor until the car has gone", {}, async (rig) => {
    const { bench } = rig;
    await rig.charge(32);
    await limit(rig, 10);
    await bench.advance(2);
    rig.evse.isGreedy = true;
    await bench.advance(9);
    assert.equal(await rig.isClosed(), true, "for 9 s it may");
    await bench.advance(4);
    assert.equal(await rig.isClosed(), false);
    await bench.settled();
    assert.equal(ended(rig), "AbnormalCondition OvercurrentFault");
    assert.equal(rig.status(), "Faulted");
    await bench.post("/evse/1/unplug", { force: true });
    await bench.settled();
    assert.equal(rig.status(), "Available");
  });

  for (const [amps, ohms] of Object.entries(RESISTORS)) {
    onTwins(`a cable for ${amps} A`, { station: { set: { "Board.MaxCurrent": "63" } } }, async (rig) => {
      rig.proximity.ohms = ohms;
      await rig.charge(80);
      assert.equal((await rig.bench.station.state()).evses[0].limitAmps, Number(amps));
    });
  }
});

describe("contactor", () => {
  onTwins("one that is welded keeps the lock closed and the EVSE out of service", {}, async (rig) => {
    const { bench } = rig;
    await rig.charge();
    rig.contactor.welded = true;
    await bench.post("/evse/1/ev", { draw: false });
    await bench.advance(10);
    await bench.settled();
    assert.equal(rig.status(), "Faulted");
    assert.equal(ended(rig), "AbnormalCondition Other");
    assert.equal((await bench.station.state()).evses[0].locked, true, "the plug is live");
    rig.contactor.welded = false;
    rig.contactor.driven(); // a knock
    await bench.advance(55);
    assert.equal(rig.status(), "Faulted", "it may stick again");
    assert.equal((await bench.station.state()).evses[0].locked, true);
    await bench.advance(10);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].locked, false);
    assert.notEqual(rig.status(), "Faulted");
  });

  onTwins(
    "one whose mirror contact chatters is told as faulty once, and not as mended before the contact has been quiet for a minute",
    {},
    async (rig) => {
      const { bench } = rig;
      const told = (): string[] => bench.sent("StatusNotification").map(({ connectorStatus }) => String(connectorStatus));
      const before = told().length;
      rig.contactor.feedback.trouble = "noisy";
      await bench.advance(60);
      assert.deepEqual(told().slice(before), ["Faulted"]);
      rig.contactor.feedback.trouble = null;
      await bench.advance(55);
      assert.deepEqual(told().slice(before), ["Faulted"]);
      await bench.advance(10);
      await bench.settled();
      assert.deepEqual(told().slice(before), ["Faulted", "Available"]);
    },
  );

  onTwins("one that does not close is told, once, until the car has gone", {}, async (rig) => {
    const { bench } = rig;
    rig.contactor.dead = true;
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.post("/evse/1/ev", { draw: true });
    await bench.advance(10);
    await bench.settled();
    assert.equal(rig.status(), "Faulted");
    await bench.post("/evse/1/unplug", { force: true });
    await bench.settled();
    assert.equal(rig.status(), "Available");
  });
});

/** The car stops asking for energy, or asks for it. */
async function ask(rig: Rig, draw: boolean): Promise<void> {
  await rig.bench.post("/evse/1/ev", { draw });
}

/** Polls until the contactor is closed as `closed` says, at most `most`: how many it took. */
async function pollsUntil(rig: Rig, closed: boolean, most: number): Promise<number> {
  let polls = 0;
  while ((await rig.isClosed()) !== closed && polls < most) {
    await rig.poll(1);
    polls++;
  }
  return polls;
}

describe("safety rules: closings of the contactor", () => {
  /** What goes wrong, in a poll while the contactor is closed, and what is told in the end. */
  const GAPS: Readonly<Record<string, [gap: (rig: Rig, isThere: boolean) => void, error: string]>> = {
    "the lock's contact": [(rig, isThere) => (rig.lock.feedback.trouble = isThere ? "silent" : null), "ConnectorLockFailure"],
    "the pilot": [(rig, isThere) => (rig.pilot.forced = isThere ? "B" : null), "PowerSwitchFailure"],
  };
  for (const [what, [gap, error]] of Object.entries(GAPS)) {
    const options = { station: { protocol: "ocpp1.6" }, csms: { protocols: ["ocpp1.6"] } } as const;
    onTwins(
      `behind a gap of ${what} energy waits for 10 s; the third is a fault until the car has gone, for a minute at least`,
      options as never,
      async (rig) => {
        const { bench, wiring } = rig;
        await rig.charge();
        for (let n = 1; n <= 3; n++) {
          await wiring.settled();
          rig.still();
          gap(rig, true);
          await rig.poll(1);
          assert.equal(await rig.isClosed(), false);
          gap(rig, false);
          await rig.poll(10);
          assert.equal(await rig.isClosed(), false, `energy waits behind gap ${n}`);
          wiring.isManual = false;
          assert.equal(rig.pilot.duty, 1, "no signal on the pilot: the car need not wait for a closing");
          await bench.settled();
          if (n < 3) {
            assert.equal(rig.status(), "SuspendedEVSE NoError");
            await bench.advance(6);
            assert.equal(await rig.isClosed(), false, "for 10 s");
            await bench.advance(8);
            assert.equal(await rig.isClosed(), true, "no longer");
          }
        }
        assert.equal(rig.status(), `Faulted ${error}`);
        await bench.advance(5);
        await bench.post("/evse/1/unplug", { force: true });
        await bench.advance(45);
        await bench.settled();
        assert.equal(rig.status(), `Faulted ${error}`, "for a minute");
        await bench.advance(15);
        await bench.settled();
        assert.equal(rig.status(), "Available NoError");
        await rig.charge();
      },
    );
  }

  onTwins(
    "a car that asks and stops again and again: closed five times, then out of service until it has gone",
    {},
    async (rig) => {
      const { bench } = rig;
      await rig.charge();
      for (let closings = 1; closings < 5; closings++) {
        await ask(rig, false);
        await ask(rig, true);
        await bench.advance(1);
        assert.equal(await rig.isClosed(), true, `closing ${closings + 1}`);
      }
      await ask(rig, false);
      await bench.settled();
      assert.equal(rig.status(), "Faulted");
      assert.equal(ended(rig), "AbnormalCondition Other");
      await ask(rig, true);
      await bench.advance(70);
      assert.equal(await rig.isClosed(), false);
      assert.equal(rig.status(), "Faulted");
      await bench.post("/evse/1/unplug", { force: true });
      await bench.advance(2);
      await bench.settled();
      assert.equal(rig.status(), "Available");
    },
  );

  onTwins(
    "a car that pauses once a minute charges for as long as it likes, and each time within 3 s (table A.6)",
    {},
    async (rig) => {
      const { bench, wiring } = rig;
      await rig.charge();
      for (let pauses = 0; pauses < 8; pauses++) {
        await ask(rig, false);
        assert.equal(await rig.isClosed(), false);
        await bench.advance(60);
        await wiring.settled();
        rig.still();
        rig.evse.askEnergy(true, 16);
        assert.ok((await pollsUntil(rig, true, 31)) <= 30, `pause ${pauses + 1}`);
        wiring.isManual = false;
      }
      await bench.settled();
      assert.equal(rig.status(), "Occupied");
    },
  );

  onTwins("limits of 0 and 16 A in turn are no fault: energy waits", {}, async (rig) => {
    const { bench } = rig;
    await rig.charge();
    let closed = 1;
    for (let n = 0; n < 10; n++) {
      await limit(rig, 0);
      assert.equal(await rig.isClosed(), false);
      await limit(rig, 16);
      await bench.advance(1);
      if (await rig.isClosed()) closed++;
    }
    assert.equal(closed, 5);
    await bench.advance(15);
    assert.equal(await rig.isClosed(), true);
    await bench.settled();
    assert.equal(ended(rig), undefined);
  });
});

/** What the CSMS was told of transactions, by event and charging state. */
function events({ bench }: Rig): string[] {
  return (bench.sent("TransactionEvent") as { eventType: string; transactionInfo: { chargingState: string } }[]).map(
    ({ eventType, transactionInfo }) => `${eventType} ${transactionInfo.chargingState}`,
  );
}

describe("control pilot", () => {
  for (const isFirst of [true, false])
    onTwins(
      `a car that asks for energy when it comes is told in one row, with the card ${isFirst ? "first" : "second"}`,
      {},
      async (rig) => {
        const { bench } = rig;
        if (isFirst) await bench.post("/tap", CARD);
        await bench.post("/evse/1/ev", { draw: true });
        await bench.post("/evse/1/plug");
        if (!isFirst) await bench.post("/tap", CARD);
        await bench.advance(5);
        await bench.settled();
        assert.equal(await rig.isClosed(), true);
        assert.deepEqual(events(rig), ["Started EVConnected", "Updated Charging"]);
        await bench.post("/evse/1/unplug-ev");
        await bench.settled();
        assert.deepEqual(events(rig).slice(2), ["Ended Idle"], "it has not paused before");
        assert.deepEqual(
          bench.sent("StatusNotification").map(({ connectorStatus }) => connectorStatus),
          ["Available", "Occupied"],
        );
      },
    );

  onTwins(
    "a gap is not told while no energy flows",
    { station: { fixedCable: true, set: { "Board.FixedCable": "true" } } },
    async (rig) => {
      const { bench, wiring } = rig;
      await bench.post("/evse/1/plug");
      await bench.post("/evse/1/ev", { draw: true });
      await bench.settled();
      await wiring.settled();
      const told = bench.station.frames().length;
      rig.still();
      for (const gap of ["B", "A", "E"]) {
        rig.pilot.forced = gap;
        await rig.poll(2);
        rig.pilot.forced = null;
        await rig.poll(5);
      }
      wiring.isManual = false;
      await bench.settled();
      assert.equal(bench.station.frames().length, told);
      await bench.post("/tap", CARD);
      await bench.advance(2);
      await bench.settled();
      assert.equal(await rig.isClosed(), true);
    },
  );

  onTwins("a state is believed after three polls, and stays within its hysteresis", {}, async (rig) => {
    const { bench } = rig;
    const connected = async (): Promise<boolean> => (await bench.station.state()).evses[0].status === "Occupied";
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await rig.wiring.settled();
    rig.still();
    const closesAt = async (millivolts: number, polls: number): Promise<boolean> => {
      rig.pilot.forced = millivolts;
      await rig.poll(polls);
      return rig.isClosed();
    };
    assert.ok(await connected());
    assert.equal(await closesAt(7400, 5), false, "still B, 1.6 V below its nominal level");
    assert.equal(await closesAt(6900, 2), false, "C, not believed yet");
    await rig.poll(1);
    assert.equal(await closesAt(6900, 20), true, "C, behind the self-test of the residual current monitor");
    assert.equal(await closesAt(7900, 5), true, "still C, 1.9 V above its nominal level");
    assert.equal(await closesAt(4100, 5), true, "still C, 1.9 V below it");
    assert.equal(await closesAt(8100, 1), false, "B");
  });

  for (const [amps, percent] of [
    [6, 10],
    [16, 26.667],
    [32, 53.333],
    [48, 80],
    [63, 89.2],
    [80, 96],
  ]) {
    onTwins(
      `${amps} A are a duty cycle of ${percent} %`,
      { station: { set: { "Board.MaxCurrent": String(amps), "Board.FixedCable": "true" }, fixedCable: true } },
      async (rig) => {
        await rig.bench.post("/evse/1/plug");
        await rig.bench.post("/tap", CARD);
        await rig.bench.settled();
        assert.ok(Math.abs(rig.pilot.duty * 100 - percent) < 0.01, String(rig.pilot.duty));
        assert.equal((await rig.bench.station.state()).evses[0].limitAmps, amps);
      },
    );
  }
});
