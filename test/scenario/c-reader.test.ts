/** OCPP 2.0.1 Part 2, C01, C04: at which EVSE a card acts that is held to the station's one reader (control interface, `/tap`). */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { calls, car, CARD, charging, contactors, mark, OTHER_CARD, registered, told, transactionOf } from "./steps.ts";

const TWO = { station: { evses: 2 } };

describe("where a card acts (control interface, /tap)", () => {
  scenario("first: the card's own transaction", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await car(bench, 2);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, false]);
    assert.equal(await transactionOf(bench, 2), null);
  });

  scenario(
    "second: the socket still locked for this card",
    { station: { evses: 2, fixedCable: false, set: { "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false" } } },
    async (bench) => {
      await registered(bench);
      await charging(bench, 1);
      await bench.post("/evse/1/unplug-ev");
      await car(bench, 2);
      assert.equal((await bench.station.state()).evses[0].locked, true);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.equal((await bench.station.state()).evses[0].locked, false);
      assert.deepEqual(await contactors(bench), [false, false]);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.deepEqual(await contactors(bench), [false, true], "third: a plugged EVSE without transaction");
    },
  );

  scenario("third: a usable plugged EVSE without transaction, not the free one", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 2);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("fourth: the next usable one plugged in", TWO, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/fault", { code: "OtherError" });
    await bench.post("/evse/1/plug");
    await bench.settled();
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal(calls(bench, 0, "Authorize").length, 1);
    await car(bench, 2);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true], "faulted EVSEs are skipped");
  });

  scenario("a reader of its own EVSE starts there", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 1);
    await car(bench, 2);
    await bench.post("/tap", { ...CARD, evse: 2 });
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
    await bench.post("/tap", { ...OTHER_CARD, evse: 1 });
    await bench.settled();
    assert.deepEqual(await contactors(bench), [true, true]);
    await bench.post("/tap", { ...CARD, evse: 2 });
    await bench.settled();
    assert.deepEqual(await contactors(bench), [true, false]);
  });

  scenario("no usable EVSE, no transaction: the card does nothing", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/fault", { code: "GroundFailure" });
    await bench.settled();
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(
      told(bench, since).filter((line) => !line.startsWith("Authorize")),
      [],
    );
    await bench.post("/evse/1/fault", { code: null });
    await car(bench);
    assert.deepEqual(await contactors(bench), [false]);
  });
});
