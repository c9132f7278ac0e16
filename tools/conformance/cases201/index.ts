/** All cases of OCPP 2.0.1, block by block. */
import type { Case } from "../case.ts";
import { BOOT } from "./b-boot.ts";
import { NETWORK } from "./b-network.ts";
import { REPORTS } from "./b-report.ts";
import { RESET } from "./b-reset.ts";
import { VARIABLES } from "./b-variables.ts";
import { AUTHORIZATION } from "./c-authorization.ts";
import { LOCAL_LIST } from "./d-local-list.ts";
import { DELIVERY } from "./e-delivery.ts";
import { START } from "./e-start.ts";
import { STATUS } from "./e-status.ts";
import { STOP } from "./e-stop.ts";
import { VERDICTS } from "./e-verdicts.ts";
import { REMOTE_CONTROL } from "./f-remote.ts";
import { TRIGGER } from "./f-trigger.ts";
import { AVAILABILITY } from "./g-availability.ts";
import { RESERVATION } from "./h-reservation.ts";
import { HOSTILE } from "./hostile.ts";
import { ALIGNED_VALUES } from "./j-aligned.ts";
import { METER_VALUES } from "./j-meter-values.ts";
import { SMART_CHARGING_LINES } from "./k-lines.ts";
import { SMART_CHARGING } from "./k-smart-charging.ts";
import { DATA } from "./np-data.ts";
import { ERRORS } from "./rpc-errors.ts";
import { RPC } from "./rpc.ts";
import { SECURITY } from "./security.ts";

export const CASES: Case[] = [
  RPC,
  ERRORS,
  HOSTILE,
  BOOT,
  VARIABLES,
  REPORTS,
  NETWORK,
  RESET,
  AUTHORIZATION,
  LOCAL_LIST,
  START,
  STOP,
  VERDICTS,
  DELIVERY,
  STATUS,
  REMOTE_CONTROL,
  TRIGGER,
  AVAILABILITY,
  RESERVATION,
  METER_VALUES,
  ALIGNED_VALUES,
  SMART_CHARGING,
  SMART_CHARGING_LINES,
  DATA,
  SECURITY,
].flat();
