/**
 * @overlay
 * First steps after power-up: settings, boot counter, entropy, journal, the state arrays, the protocol.
 */
import { EVSES_MAX, PHASES } from "board";
import { hooks } from "./kernel/connection";
import { random32 } from "./kernel/engine/entropy";
import { seedRandom } from "./kernel/engine/seed";
import { opNumber, tableNumber, variable } from "./kernel/overlay";
import { rpc } from "./kernel/rpc";
import { opened, next, request, result } from "./ocpp201/dispatch";
import { restoreAvailability } from "./station/availability";
import { evses, Field } from "./station/evse";
import { openJournal } from "./store/open-journal";
import { SecurityEvent, securityEvent } from "./store/security-log";
import { keep, openSettings, setting, settingNumber, settingTrue } from "./store/settings";

/** Open the store and set the state. */
export function boot(): void {
  openSettings();
  const boots = settingNumber(variable("Board.Boots")) + 1;
  keep(variable("Board.Boots"), "" + boots);
  seedRandom(boots);
  // Ids of this boot begin with a random number and the boot counter: unique even when the generator repeats itself (RPC-05, E-01).
  rpc.prefix = (random32() >>> 0) + "-" + boots + "-";
  let count = settingNumber(variable("Board.Evses"));
  if (!(count > 0 && count <= EVSES_MAX)) {
    count = 1;
  }
  evses.v = new Int32Array(count * Field.Size);
  evses.tokens = [];
  for (let evse = 0; evse < count; evse++) {
    evses.tokens.push("");
    evses.v[evse * Field.Size + Field.Reported] = -1;
  }
  restoreAvailability();
  evses.fixed = settingTrue(variable("Board.FixedCable")) ? 1 : 0;
  evses.limit = settingNumber(variable("Board.MaxCurrent")) * 1000;
  evses.phases = PHASES;
  openJournal(count);
  securityEvent(
    setting(variable("Board.BootReason")) === "PowerUp" ? SecurityEvent.StartupOfTheDevice : SecurityEvent.ResetOrReboot,
    "",
  );
  hooks.setting = opNumber(setting);
  hooks.choose = opNumber(choose);
  hooks.opened = opNumber(opened);
}

/** The server chose `subprotocol`: true when it is one that we offered. */
export function choose(subprotocol: string): boolean {
  if (subprotocol !== "ocpp2.0.1") {
    return false;
  }
  rpc.request = opNumber(request);
  rpc.result = opNumber(result);
  rpc.next = opNumber(next);
  rpc.schema = tableNumber("schema201");
  rpc.actions = tableNumber("actions201");
  return true;
}
