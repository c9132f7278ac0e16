/** All cases of OCPP 1.6, by the sections of the catalogue. */
import type { Case } from "../case.ts";
import { AUTHORIZATION } from "./authorization.ts";
import { BOOT } from "./boot.ts";
import { CONFIGURATION } from "./configuration.ts";
import { ERRORS } from "./errors.ts";
import { HOSTILE } from "./hostile.ts";
import { LATER } from "./later.ts";
import { LOCAL_LIST } from "./local-list.ts";
import { METER_VALUES } from "./meter-values.ts";
import { OFFLINE_TRANSACTIONS } from "./offline.ts";
import { REMOTE_CONTROL } from "./remote.ts";
import { RESERVATION } from "./reservation.ts";
import { AVAILABILITY, RESET, TRIGGER } from "./reset.ts";
import { RPC } from "./rpc.ts";
import { SMART_CHARGING } from "./smart-charging.ts";
import { STATUS } from "./status.ts";
import { TRANSACTIONS } from "./transactions.ts";

export const CASES: Case[] = [
  RPC,
  ERRORS,
  HOSTILE,
  BOOT,
  STATUS,
  AUTHORIZATION,
  TRANSACTIONS,
  OFFLINE_TRANSACTIONS,
  METER_VALUES,
  CONFIGURATION,
  REMOTE_CONTROL,
  RESET,
  AVAILABILITY,
  TRIGGER,
  LOCAL_LIST,
  RESERVATION,
  SMART_CHARGING,
  LATER,
]
  .flat()
  .map((one) => ({ ...one, options: { protocol: "ocpp1.6", ...one.options } }));
