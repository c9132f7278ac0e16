/** OCPP 2.0.1 Part 2, C01–C05, C15: who may charge, and at which EVSE a card acts. */
import assert from "node:assert/strict";
import { NO_ANSWER, rpcError, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  call,
  calls,
  car,
  CARD,
  charging,
  contactors,
  mark,
  offlineFor,
  OTHER_CARD,
  pace,
  paceUntil,
  QUICK_RETRY,
  registered,
  told,
} from "./steps.ts";

const TWO = { station: { evses: 2 } };

/** The CSMS answers Authorize with this. */
function verdict(bench: Bench, idTokenInfo: Payload): void {
  bench.csms.on("Authorize", () => ({ idTokenInfo }));
}

describe("C01: a card is presented", () => {
  for (const [type, idToken] of [
    ["ISO14443", "04A1B2C3"],
    ["ISO15693", "E007000012345678"],
    ["KeyCode", '1234"\\ü€😀'],
    ["Local", "local-1"],
    ["MacAddress", "00:11:22:33:44:55"],
    ["eMAID", "DE8AA123456789"],
  ]) {
    scenario(`C-01: Authorize names token and type: ${type}`, {}, async (bench) => {
      await registered(bench);
      await car(bench);
      await bench.post("/tap", { idToken, type });
      await bench.settled();
      assert.deepEqual(
        calls(bench, 0, "Authorize").map(({ payload }) => payload),
        [{ idToken: { idToken, type } }],
      );
      assert.deepEqual(calls(bench, 0, "TransactionEvent")[0].payload.idToken, { idToken, type });
      assert.deepEqual(await contactors(bench), [true]);
    });
  }

  for (const status of [
    "Invalid",
    "Blocked",
    "Expired",
    "Unknown",
    "ConcurrentTx",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
  ]) {
    scenario(`C-02: ${status}: no charging, no TransactionEvent; another card works`, {}, async (bench) => {
      await registered(bench);
      await car(bench);
      const since = mark(bench);
      const restore = bench.csms.on("Authorize", () => ({ idTokenInfo: { status } }));
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.deepEqual(told(bench, since), ["Authorize 04A1B2C3"]);
      assert.deepEqual(await contactors(bench), [false]);
      assert.equal((await bench.station.state()).evses[0].locked, false);
      restore();
      verdict(bench, { status: "Accepted" });
      await bench.post("/tap", OTHER_CARD);
      await bench.settled();
      assert.deepEqual(await contactors(bench), [true]);
    });
  }

  scenario("C-02: refused before the cable is in: plugging in does not charge", {}, async (bench) => {
    await registered(bench);
    verdict(bench, { status: "Invalid" });
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    await car(bench);
    assert.deepEqual(told(bench, since), ["Authorize 04A1B2C3", "StatusNotification 1 Occupied"]);
  });

  for (const [what, answer] of [
    [
      "a CALLERROR",
      () => {
        throw rpcError("InternalError");
      },
    ],
    ["no answer", () => NO_ANSWER],
  ] as const) {
    scenario(`C-02: ${what} to Authorize: no charging`, {}, async (bench) => {
      await registered(bench);
      await car(bench);
      const since = mark(bench);
      bench.csms.on("Authorize", answer as () => typeof NO_ANSWER);
      await bench.post("/tap", CARD);
      await pace(bench, 32);
      assert.deepEqual(told(bench, since), ["Authorize 04A1B2C3"]);
      assert.deepEqual(await contactors(bench), [false]);
    });
  }

  scenario("C-03: idTokenInfo.evseId: only these EVSEs charge", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 1);
    verdict(bench, { status: "Accepted", evseId: [2] });
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, false]);
    await bench.post("/evse/1/unplug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await car(bench, 1);
    assert.deepEqual(await contactors(bench), [false, false]);
    await car(bench, 2);
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("C-03: idTokenInfo.evseId with the EVSE of the car", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 2);
    verdict(bench, { status: "Accepted", evseId: [1, 2] });
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("C-04: the card that started stops, in any case of its letters, without Authorize", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/tap", { idToken: "04a1b2c3", type: "ISO14443" });
    await bench.settled();
    assert.deepEqual(
      told(bench, since).map((line) => line.replace(/token=\S+/, (token) => token.toUpperCase())),
      ["Ended 2 StopAuthorized EVConnected Local TOKEN=04A1B2C3 Transaction.Begin Transaction.End"],
    );
  });

  scenario("C-04: the same number of another type is another token", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/tap", { ...CARD, type: "ISO15693" });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["Authorize 04A1B2C3"]);
    assert.deepEqual(await contactors(bench), [true]);
  });

  scenario("C-05: another card does not stop, and is in no TransactionEvent", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/tap", OTHER_CARD);
    await bench.settled();
    assert.deepEqual(told(bench, since), ["Authorize 0499887766"]);
    assert.deepEqual(await contactors(bench), [true]);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(told(bench, since).slice(1), [
      "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
    assert.deepEqual(await contactors(bench), [false]);
  });

  scenario(
    "C-13, E-17: an accepted card waits EVConnectionTimeOut for a cable",
    { station: { set: { "TxCtrlr.EVConnectionTimeOut": "20" } } },
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      await bench.post("/tap", CARD);
      await bench.settled();
      await pace(bench, 18);
      await car(bench);
      assert.deepEqual(await contactors(bench), [true], "in time");
      await bench.post("/tap", CARD);
      await bench.settled();
      await bench.post("/evse/1/unplug");
      await bench.post("/tap", CARD);
      await bench.settled();
      await pace(bench, 22);
      await car(bench);
      await bench.settled();
      assert.deepEqual(await contactors(bench), [false], "too late");
      assert.deepEqual(told(bench, since), [
        "Authorize 04A1B2C3",
        "StatusNotification 1 Occupied",
        "Started 0 CablePluggedIn EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
        "Updated 1 ChargingStateChanged Charging",
        "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
        "StatusNotification 1 Available",
        "Authorize 04A1B2C3",
        "StatusNotification 1 Occupied",
      ]);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.deepEqual(await contactors(bench), [true], "a fresh authorization works");
    },
  );
});

describe("C03, C05: remote tokens", () => {
  const authorize = { station: { set: { "AuthCtrlr.AuthorizeRemoteStart": "true" } } };
  const start = (type: string, idToken = "REMOTE1"): Payload => ({ remoteStartId: 7, idToken: { idToken, type }, evseId: 1 });

  for (const [type, idToken] of [
    ["Central", "REMOTE1"],
    ["NoAuthorization", ""],
  ]) {
    scenario(`C-09: a ${type} token is never asked about`, authorize, async (bench) => {
      await registered(bench);
      await car(bench);
      assert.deepEqual(await call(bench, "RequestStartTransaction", start(type, idToken)), { status: "Accepted" });
      await bench.settled();
      assert.deepEqual(calls(bench, 0, "Authorize"), []);
      assert.deepEqual(await contactors(bench), [true]);
    });
  }

  scenario("C-10: AuthorizeRemoteStart true: Authorize before energy", authorize, async (bench) => {
    await registered(bench);
    await car(bench);
    const since = mark(bench);
    assert.deepEqual(await call(bench, "RequestStartTransaction", start("ISO14443")), { status: "Accepted" });
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Authorize REMOTE1",
      "Started 0 RemoteStart EVConnected evse=1 token=REMOTE1 remote=7 Transaction.Begin",
      "Updated 1 ChargingStateChanged Charging",
    ]);
  });

  scenario("C-10: … and refused: no energy, no TransactionEvent", authorize, async (bench) => {
    await registered(bench);
    await car(bench);
    verdict(bench, { status: "Blocked" });
    const since = mark(bench);
    assert.deepEqual(await call(bench, "RequestStartTransaction", start("ISO14443")), { status: "Accepted" });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["Authorize REMOTE1"]);
    assert.deepEqual(await contactors(bench), [false]);
  });

  scenario("C-10: AuthorizeRemoteStart false: no Authorize", {}, async (bench) => {
    await registered(bench);
    await car(bench);
    await call(bench, "RequestStartTransaction", start("ISO14443"));
    await bench.settled();
    assert.deepEqual(calls(bench, 0, "Authorize"), []);
    assert.deepEqual(await contactors(bench), [true]);
  });
});

describe("C15: offline, without list and cache", () => {
  const settings = (known: string): { station: { set: Record<string, string> } } => ({
    station: { set: { ...QUICK_RETRY, "AuthCtrlr.OfflineTxForUnknownIdEnabled": known } },
  });

  scenario("C-11: OfflineTxForUnknownIdEnabled false: refused", settings("false"), async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await offlineFor(bench, 5, async () => {
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
    });
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false]);
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Occupied"]);
  });

  scenario("C-11: OfflineTxForUnknownIdEnabled true: charges, the events come later", settings("true"), async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await offlineFor(bench, 5, async () => {
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await bench.advance(1);
      assert.deepEqual(await contactors(bench), [true]);
    });
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "StatusNotification 1 Occupied",
      "Started 0 Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
      "Updated 1 ChargingStateChanged Charging offline",
    ]);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(told(bench, since).slice(3), [
      "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
  });

  scenario(
    "C-11: a half-open link counts as offline once Authorize is not answered",
    { ...settings("true"), allowViolations: true },
    async (bench) => {
      await registered(bench);
      await car(bench);
      await bench.post("/network", { stall: true });
      await bench.post("/tap", CARD);
      await paceUntil(bench, "charging", async () => (await contactors(bench))[0], 130);
      await bench.post("/network", { stall: false });
      await bench.settled();
    },
  );
});
