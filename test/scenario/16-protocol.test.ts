/**
 * The protocol by setting or by network profile, or offered in order of preference with the server choosing (OCPP-J 1.6, 3.1.2; OCPP 2.0.1 Part 4, 3.1.2,
 * and Part 2, B09); what a change of protocol keeps.
 */
import assert from "node:assert/strict";
import { WebSocketServer } from "ws";
import { startCsms, type CsmsOptions, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, ID, paceUntil, powerCycle, QUICK_RETRY, registered, setTo } from "./steps.ts";

type Csms = Awaited<ReturnType<typeof startCsms>>;

const OFFERS: readonly [protocol: string | undefined, offered: string[]][] = [
  [undefined, ["ocpp2.0.1", "ocpp1.6"]],
  ["auto", ["ocpp2.0.1", "ocpp1.6"]],
  ["ocpp2.0.1", ["ocpp2.0.1"]],
  ["ocpp1.6", ["ocpp1.6"]],
];

/** Of the last attempt to connect. */
function offered(csms: Csms): string[] {
  return csms.attempts.at(-1)!.offered;
}

async function protocol(bench: Bench): Promise<string | null> {
  return (await bench.station.state()).protocol;
}

/** Another CSMS in the place of the one there is; frames of both have to be valid. */
async function replace(bench: Bench, old: Csms, options: CsmsOptions): Promise<Csms> {
  const port = old.port;
  await old.close();
  return startCsms({ port, now: () => bench.station.now(), ...options });
}

async function arrived(bench: Bench, csms: Csms): Promise<void> {
  await paceUntil(bench, "connected there", () => csms.stations.get(ID)?.online === true, 60);
  await bench.settled();
}

/** Actions of the station that `csms` got, in order, with what a StatusNotification says. */
function heard(csms: Csms): string[] {
  return csms.frames
    .filter(({ dir, text }) => dir === "in" && text.startsWith("[2"))
    .map(({ text }) => {
      const [, , action, payload] = JSON.parse(text) as [number, string, string, Payload];
      return action === "StatusNotification"
        ? `${action} ${payload.connectorId ?? ""} ${payload.status ?? `${payload.evseId} ${payload.connectorStatus}`}`
        : action;
    });
}

describe("the protocol", () => {
  for (const [wanted, names] of OFFERS) {
    scenario(
      `R-01: --protocol ${wanted ?? "(none)"}: ${names.join(", ")} offered`,
      { station: { protocol: wanted }, csms: { protocols: ["ocpp1.6", "ocpp2.0.1"] } },
      async (bench) => {
        await registered(bench);
        assert.deepEqual(offered(bench.csms), names);
        assert.ok(names.includes((await protocol(bench))!));
      },
    );
  }

  for (const only of ["ocpp1.6", "ocpp2.0.1"] as const) {
    scenario(`auto: a server that speaks ${only} alone`, { csms: { protocols: [only] } }, async (bench) => {
      await registered(bench);
      assert.equal(await protocol(bench), only);
      assert.deepEqual(offered(bench.csms), ["ocpp2.0.1", "ocpp1.6"]);
    });
  }

  scenario(
    "a server that chooses what was not offered is left alone",
    { station: { protocol: "ocpp1.6", set: QUICK_RETRY }, csms: { protocols: ["ocpp1.6"] } },
    async (bench) => {
      await registered(bench);
      const port = bench.csms.port;
      await bench.csms.close();
      for (const chosen of ["ocpp2.0.1", "ocpp1.6, ocpp2.0.1", "ocpp"]) {
        let [attempts, messages] = [0, 0];
        const server = new WebSocketServer({ port, host: "127.0.0.1", handleProtocols: () => chosen });
        server.on("connection", (socket) => {
          attempts++;
          socket.on("message", () => messages++);
        });
        try {
          await paceUntil(bench, "two attempts", () => attempts > 1, 60);
          assert.equal((await bench.station.state()).online, false);
          assert.equal(messages, 0);
        } finally {
          for (const socket of server.clients) socket.terminate();
          await new Promise((resolve) => server.close(resolve));
        }
      }
    },
  );

  scenario(
    "B-40, B-42: SetNetworkProfile with OCPP16: after the change of the slot 1.6 alone is offered there, with its MessageTimeout",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      const other = await startCsms({ port: 0, now: () => bench.station.now(), protocols: ["ocpp2.0.1", "ocpp1.6"] });
      try {
        const connectionData = {
          ocppVersion: "OCPP16",
          ocppTransport: "JSON",
          ocppCsmsUrl: other.url,
          messageTimeout: 20,
          securityProfile: 0,
          ocppInterface: "Wired0",
        };
        for (const ocppVersion of ["OCPP12", "OCPP15"]) {
          const answer = await call(bench, "SetNetworkProfile", {
            configurationSlot: 2,
            connectionData: { ...connectionData, ocppVersion },
          });
          assert.equal(answer.status, "Rejected");
        }
        assert.equal((await call(bench, "SetNetworkProfile", { configurationSlot: 2, connectionData })).status, "Accepted");
        await setTo(bench, "OCPPCommCtrlr.NetworkConfigurationPriority", "2,1");
        assert.equal((await call(bench, "Reset", { type: "Immediate" })).status, "Accepted");
        await arrived(bench, other);
        assert.equal(await protocol(bench), "ocpp1.6");
        assert.deepEqual(offered(other), ["ocpp1.6"]);
        assert.equal(heard(other)[0], "BootNotification");
        const answer = await other.call(ID, "GetConfiguration", { key: ["MessageTimeout"] });
        assert.deepEqual(answer.configurationKey, [{ key: "MessageTimeout", readonly: true, value: "20" }]);
        // That CSMS is gone: back to the other slot, where 2.0.1 is offered first, with a full boot.
        const before = heard(bench.csms).length;
        await other.close();
        await arrived(bench, bench.csms);
        assert.equal(await protocol(bench), "ocpp2.0.1");
        assert.equal(heard(bench.csms)[before], "BootNotification");
        assert.deepEqual(other.violations, []);
      } finally {
        await other.close();
      }
    },
  );
});

/** Value of a variable at the CSMS `csms`, which speaks 2.0.1. */
async function variable(csms: Csms, component: string, name: string): Promise<unknown> {
  const answer = await csms.call(ID, "GetVariables", {
    getVariableData: [{ component: { name: component }, variable: { name } }],
  });
  return (answer.getVariableResult as Payload[])[0].attributeValue;
}

/** All of it is Accepted at `csms`. */
async function accept(csms: Csms, ...requests: [action: string, payload: Payload][]): Promise<void> {
  for (const [action, payload] of requests) assert.equal((await csms.call(ID, action, payload)).status, "Accepted", action);
}

/** The station at a server that speaks 1.6 alone, then, after a power failure, at one that speaks 2.0.1 alone. */
async function thereAndBack(
  bench: Bench,
  there: (csms: Csms) => Promise<void>,
  back: (csms: Csms) => Promise<void>,
): Promise<void> {
  const csms16 = await replace(bench, bench.csms, { protocols: ["ocpp1.6"] });
  try {
    await arrived(bench, csms16);
    assert.equal(await protocol(bench), "ocpp1.6");
    await there(csms16);
    await bench.settled();
    await powerCycle(bench);
    const csms201 = await replace(bench, csms16, { protocols: ["ocpp2.0.1"] });
    try {
      await arrived(bench, csms201);
      assert.equal(await protocol(bench), "ocpp2.0.1");
      await back(csms201);
      assert.deepEqual([...csms16.violations, ...csms201.violations], []);
    } finally {
      await csms201.close();
    }
  } finally {
    await csms16.close();
  }
}

/** Of the periods of a composite schedule. */
function limits(schedule: unknown): unknown[] {
  return ((schedule as Payload).chargingSchedulePeriod as Payload[]).map(({ limit }) => limit);
}

describe("a change of protocol", () => {
  scenario(
    "keeps settings and availability: 2.0.1 to 1.6 and back",
    { station: { evses: 2, set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      await setTo(bench, "SampledDataCtrlr.TxUpdatedInterval", "33");
      await setTo(bench, "AuthCtrlr.LocalPreAuthorize", "true");
      await accept(bench.csms, ["ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 2 } }]);
      await bench.settled();
      await thereAndBack(
        bench,
        async (csms) => {
          assert.deepEqual(heard(csms), [
            "BootNotification",
            "StatusNotification 0 Available",
            "StatusNotification 1 Available",
            "StatusNotification 2 Unavailable",
          ]);
          const keys = await csms.call(ID, "GetConfiguration", { key: ["MeterValueSampleInterval", "LocalPreAuthorize"] });
          assert.deepEqual(keys.configurationKey, [
            { key: "MeterValueSampleInterval", readonly: false, value: "33" },
            { key: "LocalPreAuthorize", readonly: false, value: "true" },
          ]);
          await accept(
            csms,
            ["ChangeConfiguration", { key: "MeterValueSampleInterval", value: "44" }],
            ["ChangeAvailability", { connectorId: 2, type: "Operative" }],
            ["ChangeAvailability", { connectorId: 1, type: "Inoperative" }],
          );
        },
        async (csms) => {
          assert.deepEqual(heard(csms), [
            "BootNotification",
            "StatusNotification 1 1 Unavailable",
            "StatusNotification 1 2 Available",
          ]);
          assert.equal(await variable(csms, "SampledDataCtrlr", "TxUpdatedInterval"), "44");
          assert.equal(await variable(csms, "AuthCtrlr", "LocalPreAuthorize"), "true");
        },
      );
    },
  );

  const composite = { duration: 600, chargingRateUnit: "A" };
  const schedule = (limit: number): Payload => ({ chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit }] });
  const profile = { stackLevel: 1, chargingProfilePurpose: "TxDefaultProfile", chargingProfileKind: "Relative" };

  scenario(
    "keeps the local list and charging profiles: 2.0.1 to 1.6 and back",
    { station: { evses: 2, set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      await accept(
        bench.csms,
        [
          "SendLocalList",
          {
            versionNumber: 7,
            updateType: "Full",
            localAuthorizationList: [{ idToken: { idToken: "04A1B2C3", type: "ISO14443" }, idTokenInfo: { status: "Accepted" } }],
          },
        ],
        [
          "SetChargingProfile",
          { evseId: 1, chargingProfile: { id: 3, ...profile, chargingSchedule: [{ id: 1, ...schedule(9) }] } },
        ],
      );
      await thereAndBack(
        bench,
        async (csms) => {
          assert.equal((await csms.call(ID, "GetLocalListVersion", {})).listVersion, 7);
          const answer = await csms.call(ID, "GetCompositeSchedule", { connectorId: 1, ...composite });
          assert.deepEqual(limits(answer.chargingSchedule), [9]);
          await accept(
            csms,
            [
              "SendLocalList",
              {
                listVersion: 8,
                updateType: "Differential",
                localAuthorizationList: [{ idTag: "0499", idTagInfo: { status: "Accepted" } }],
              },
            ],
            [
              "SetChargingProfile",
              { connectorId: 2, csChargingProfiles: { chargingProfileId: 4, ...profile, chargingSchedule: schedule(11) } },
            ],
          );
        },
        async (csms) => {
          assert.equal((await csms.call(ID, "GetLocalListVersion", {})).versionNumber, 8);
          assert.equal(await variable(csms, "LocalAuthListCtrlr", "Entries"), "2");
          for (const [evseId, limit] of [
            [1, 9],
            [2, 11],
          ]) {
            const { schedule: found } = await csms.call(ID, "GetCompositeSchedule", { evseId, ...composite });
            assert.deepEqual(limits(found), [limit]);
          }
        },
      );
    },
  );

  scenario(
    "the server changes its mind between two connections: a full boot each time",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      let csms: Csms = bench.csms;
      for (const only of ["ocpp1.6", "ocpp2.0.1", "ocpp1.6"] as const) {
        csms = await replace(bench, csms, { protocols: [only] });
        await arrived(bench, csms);
        assert.equal(await protocol(bench), only);
        assert.equal(heard(csms)[0], "BootNotification");
        assert.deepEqual(csms.violations, []);
      }
      // The same one again: no BootNotification (R-07).
      await bench.post("/network", { drop: true });
      await paceUntil(bench, "connected again", () => csms.stations.get(ID)!.connects === 2, 60);
      await bench.settled();
      assert.equal(heard(csms).filter((action) => action === "BootNotification").length, 1);
      await csms.close();
    },
  );
});
