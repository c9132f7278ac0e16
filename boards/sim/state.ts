/**
 * @overlay
 * The firmware's state for `GET /state` of the simulator, in lines of at most 150 characters.
 */
import { clock } from "../../src/kernel/clock";
import { Connection, connection } from "../../src/kernel/connection";
import { dateTime } from "../../src/kernel/datetime";
import { quote } from "../../src/kernel/escape";
import { evses, Field, station, STATUSES } from "../../src/station/evse";
import { journal } from "../../src/store/journal";
import { PAGE } from "../../src/store/map";
import { freePages } from "../../src/store/page";
import { transactionId } from "../../src/store/replay";
import { flash } from "./engine/flash";
import { link, say } from "./link";

/** Answer `?`. */
export function answerState(): void {
  const registration = ",Accepted,Pending,Rejected".split(",")[station.registration];
  const memory = process.memory();
  say(
    's+{"online":' +
      (connection.state === Connection.Open) +
      ',"protocol":' +
      (connection.protocol ? quote(connection.protocol) : "null") +
      ',"registration":' +
      (registration ? quote(registration) : "null") +
      ',"time":' +
      (clock.boot ? quote(dateTime(clock.boot + clock.up)) : "null"),
  );
  say("s+" + ',"evses":[');
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const status = STATUSES.split(",")[evses.v[evse * Field.Size + Field.Status]];
    const id = evses.v[evse * Field.Size + Field.Transaction] ? quote(transactionId(evse)) : "null";
    say("s+" + (evse ? "," : "") + '{"id":' + (evse + 1) + ',"status":"' + status + '","transactionId":' + id + "}");
  }
  say(
    's+],"queue":{"events":' +
      journal.count +
      ',"bytes":' +
      (journal.count ? (8 - freePages()) * PAGE : 0) +
      '},"build":"' +
      BUILD_ID +
      '"',
  );
  say(
    's.,"memory":{"used":' +
      memory.usage +
      ',"peak":' +
      link.peak +
      ',"total":' +
      memory.total +
      '},"flash":{"ops":' +
      flash.ops +
      ',"erases":' +
      flash.erases +
      "}}",
  );
}
