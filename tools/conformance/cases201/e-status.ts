/** OCPP 2.0.1 Part 2, E14: GetTransactionStatus. */
import { tc, type Case } from "../case.ts";
import { type Rig } from "../rig.ts";
import { charging, END, stopped } from "./moves.ts";

/** GetTransactionStatus. */
async function status(
  t: Rig,
  transactionId: string | null,
  ongoingIndicator: boolean | null,
  messagesInQueue: boolean,
): Promise<void> {
  const expected = { ...(ongoingIndicator === null ? {} : { ongoingIndicator }), messagesInQueue };
  await t.call("GetTransactionStatus", transactionId === null ? {} : { transactionId }, expected);
}

/** Events stay in the queue, because the CSMS does not answer them. */
async function withQueue(t: Rig, act: () => Promise<void>): Promise<void> {
  await t.post("/network", { up: false });
  await act();
  t.mute("TransactionEvent");
  await t.post("/network", { up: true });
  await t.online();
}

export const STATUS: Case[] = [
  tc("TC_E_28", "GetTransactionStatus, id unknown: neither", {}, async (t) => status(t, "unknown", false, false)),

  tc("TC_E_29", "GetTransactionStatus, running, events in the queue", { crossing: true }, async (t) => {
    const id = await charging(t);
    await withQueue(t, () => t.draw(false));
    await status(t, id, true, true);
    await t.expect("Updated ChargingStateChanged SuspendedEV offline");
  }),

  tc("TC_E_30", "GetTransactionStatus, running, no event in the queue", {}, async (t) =>
    status(t, await charging(t), true, false),
  ),

  tc("TC_E_31", "GetTransactionStatus, ended, events in the queue", { crossing: true }, async (t) => {
    const id = await charging(t);
    await withQueue(t, () => t.tap());
    await status(t, id, false, true);
    await t.expect(`Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`);
  }),

  tc("TC_E_32", "GetTransactionStatus, ended, no event in the queue", {}, async (t) => {
    const id = await charging(t);
    await stopped(t);
    await status(t, id, false, false);
  }),

  tc("TC_E_33", "GetTransactionStatus without id, events in the queue", { crossing: true }, async (t) => {
    await charging(t);
    await withQueue(t, () => t.draw(false));
    await status(t, null, null, true);
    await t.expect("Updated ChargingStateChanged SuspendedEV offline");
  }),

  tc("TC_E_34", "GetTransactionStatus without id, no event in the queue", {}, async (t) => {
    await charging(t);
    await status(t, null, null, false);
  }),
];
