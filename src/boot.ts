/**
 * @overlay
 * First steps after power-up: settings, boot counter, entropy, journal, the state arrays, the protocol.
 */
import { EVSES_MAX, PHASES } from "board";
import { connection, hooks } from "./kernel/connection";
import { random32 } from "./kernel/engine/entropy";
import { seedRandom } from "./kernel/engine/seed";
import { opNumber, tableNumber, variable } from "./kernel/overlay";
import { rpc } from "./kernel/rpc";
import { next as next16, request as request16, result as result16 } from "./ocpp16/dispatch";
import { opened, next, request, result } from "./ocpp201/dispatch";
import { restoreAvailability } from "./station/availability";
import { evses, Field, station } from "./station/evse";
import { reopened, unreported } from "./station/registration";
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
  }
  unreported();
  restoreAvailability();
  station.simple = settingNumber(variable("Board.Simple"));
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
}

/** The server chose `subprotocol`: true when it is one that this firmware speaks. Another one than before is another CSMS. */
export function choose(subprotocol: string): boolean {
  if (subprotocol === "ocpp2.0.1") {
    rpc.request = opNumber(request);
    rpc.result = opNumber(result);
    rpc.next = opNumber(next);
    hooks.opened = opNumber(opened);
    rpc.schema = tableNumber("schema201");
    rpc.actions = tableNumber("actions201");
    station.simple = 0;
  } else if (subprotocol === "ocpp1.6") {
    rpc.request = opNumber(request16);
    rpc.result = opNumber(result16);
    rpc.next = opNumber(next16);
    hooks.opened = opNumber(reopened);
    rpc.schema = tableNumber("schema16");
    rpc.actions = tableNumber("actions16");
    station.simple = 1;
  } else {
    return false;
  }
  if (connection.protocol && connection.protocol !== subprotocol) {
    connection.worked = -1;
  }
  if (settingNumber(variable("Board.Simple")) !== station.simple) {
    keep(variable("Board.Simple"), "" + station.simple);
  }
  return true;
}
