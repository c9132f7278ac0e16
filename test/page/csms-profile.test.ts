/** The profiles of the CSMS: what a station gets, and that a change counts at once. */
import assert from "node:assert/strict";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { ACCEPT, applyProfile, type ProfileName } from "../../tools/csms/profile.ts";
import { BOOT, FakeStation, transactionEvent } from "../csms/fake-station.ts";

const CARD = { idToken: { idToken: "04A1B2C3", type: "ISO14443" } };

describe("the CSMS's profiles", () => {
  let csms: Csms;
  let station: FakeStation;
  beforeEach(async () => {
    csms = await startCsms({ protocols: ["ocpp2.0.1", "ocpp1.6"] });
    station = await FakeStation.connect(csms.url, "CS1");
  });
  afterEach(async () => {
    station.end();
    await csms.close();
  });

  const choose = (name: ProfileName, seconds = ACCEPT.seconds): void => applyProfile(csms, { name, seconds });
  const answer = async (action: string, payload: unknown): Promise<Record<string, unknown>> =>
    (await station.call(action, payload))[2] as Record<string, unknown>;
  const answersTo = (id: string): string[] => station.received.filter((text) => text.startsWith(`[3,"${id}"`));
  const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it("reject: cards are Invalid, boots Rejected, the rest as ever; accept: all is well again", async () => {
    choose("reject");
    assert.deepEqual(await answer("Authorize", CARD), { idTokenInfo: { status: "Invalid" } });
    assert.equal((await answer("BootNotification", BOOT)).status, "Rejected");
    assert.deepEqual(await answer("TransactionEvent", transactionEvent("Started", 0, 1, CARD)), {
      idTokenInfo: { status: "Invalid" },
    });
    assert.deepEqual(await answer("TransactionEvent", transactionEvent("Ended", 1, 2)), {});
    assert.ok((await answer("Heartbeat", {})).currentTime);
    choose("accept");
    assert.deepEqual(await answer("Authorize", CARD), { idTokenInfo: { status: "Accepted" } });
  });

  it("reject: the same in 1.6", async () => {
    const old = await FakeStation.connect(csms.url, "CS2", { protocols: ["ocpp1.6"] });
    choose("reject");
    assert.deepEqual((await old.call("Authorize", { idTag: "A" }))[2], { idTagInfo: { status: "Invalid" } });
    const boot = { chargePointVendor: "V", chargePointModel: "M" };
    assert.equal(((await old.call("BootNotification", boot))[2] as { status: string }).status, "Rejected");
    old.end();
  });

  it("slow: answers take their time", async () => {
    choose("slow", 0.2);
    const began = performance.now();
    await answer("Heartbeat", {});
    assert.ok(performance.now() - began >= 190);
  });

  it("silent: no answer, and no rule is broken by the next request", async () => {
    choose("silent");
    station.send('[2,"a","Heartbeat",{}]');
    await later(80);
    station.send('[2,"b","Heartbeat",{}]');
    await later(80);
    assert.deepEqual(station.received, []);
    assert.deepEqual(csms.findings, []);
  });

  it("hostile: answers under a wrong id, twice, late, after a call of its own", async function () {
    this.timeout(8000);
    station.answers.GetVariables = () => ({ getVariableResult: [] });
    choose("hostile");
    await station.call("Heartbeat", {}, "one");
    assert.match(station.received[0], /^\[3,"not-an-id-of-yours",/);
    await station.call("Heartbeat", {}, "two");
    await later(50);
    assert.equal(answersTo("two").length, 2);
    const began = performance.now();
    await station.call("Heartbeat", {}, "three");
    assert.ok(performance.now() - began >= 2900);
    await station.call("Heartbeat", {}, "four");
    assert.ok(station.received.some((text) => text.includes('"GetVariables"')));
    for (const id of ["one", "three", "four"]) assert.equal(answersTo(id).length, 1, id);
    assert.ok(csms.violations.length >= 2 && csms.violations.every(({ dir }) => dir === "out" || dir === "in"));
  });
});
