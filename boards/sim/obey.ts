/**
 * @overlay
 * Lines of the simulator: inputs of the hardware, questions, orders for the flash.
 *
 * `C<e><0|1>` cable · `P<e><A…F>` pilot · `L<e><0|1>` lock feedback · `F<e><code>` fault · `M<e>,<Wh>,<mA>,<mV>` meter ·
 * `K<e|0>,<type>,<idToken>` card · `Q<n>,<0|1>` power fails in the n-th flash operation · `?` state.
 */
import { FAULTS, Field } from "../../src/station/evse";
import { card } from "../../src/station/authorize";
import { input, meterReading } from "../../src/station/inputs";
import { tokenType } from "../../src/ocpp201/c-authorization";
import { armCut } from "./engine/flash";
import { answerState } from "./state";

/** Do what `line` says. */
export function obey(line: string): void {
  const c = line[0];
  const evse = parseInt(line[1]) - 1;
  const rest = line.substr(2);
  const values = line.split(",");
  if (c === "C") {
    input(evse, Field.Plug, parseInt(rest));
  } else if (c === "P") {
    input(evse, Field.Pilot, rest.charCodeAt(0) - 65);
  } else if (c === "L") {
    input(evse, Field.Locked, parseInt(rest));
  } else if (c === "F") {
    input(evse, Field.Fault, faultNumber(rest));
  } else if (c === "M") {
    meterReading(evse, parseInt(values[1]), parseInt(values[2]), parseInt(values[3]));
  } else if (c === "K") {
    card(tokenType("", values[1]) + line.substr(4 + values[1].length), evse);
  } else if (c === "Q") {
    armCut(parseInt(line.substr(1)), parseInt(values[1]));
  } else if (c === "?") {
    answerState();
  }
}

/** Number of the fault named `code` (`Field.Fault`), 0 for none. */
function faultNumber(code: string): number {
  const codes = FAULTS.split(",");
  let number = code ? codes.length : 0;
  while (number && codes[number - 1] !== code) {
    number--;
  }
  return number;
}
