/** OCPP 2.0.1 Part 2, B01–B04: boot, registration, heartbeat, status after a time offline. */
import assert from "node:assert/strict";
import { tc, type Case } from "../case.ts";

export const BOOT: Case[] = [
  tc(
    "TC_B_01",
    "Cold boot, accepted: BootNotification first, then the status of each connector",
    { evses: 2, boot: false },
    async (t) => {
      const [boot, ...statuses] = await t.booted();
      const station = boot.payload.chargingStation as Record<string, string>;
      const limits = { model: 20, vendorName: 50, serialNumber: 25, firmwareVersion: 50 };
      for (const [name, limit] of Object.entries(limits))
        assert.ok(station[name].length > 0 && station[name].length <= limit, name);
      assert.ok(statuses.every(({ k }) => k > boot.k));
    },
  ),
];
