/**
 * @overlay
 * Lines of the twin of Wi-Fi: `Va` associated · `Vi<address>` connected · `Vd<number>,<reason>` disconnected · `Vh<address>` address of the name
 * asked for, or none · `Vn<dBm>,<security>,<hex>` a network of the scan · `Ve` its end · `Vo<port>` the access point is open, and the page's
 * port. To the twin: `vj<hex>,<hex>` join a network with a password · `vl` leave it · `vs` scan · `vh<host>` look up · `vo<hex>,<hex>` open an
 * access point with a password · `vc` close it.
 */
import { fromHex } from "./hex";
import { radio } from "./radio";

/** Do what `line` says. */
export function obeyRadio(line: string): void {
  const c = line[1];
  const words = line.substr(2).split(",");
  if (c === "a") {
    radio.heard!({ channel: "6" });
  } else if (c === "i") {
    radio.heard!({ ip: words[0] });
  } else if (c === "d") {
    radio.heard!({ reason: words[0], msg: words[1] });
  } else if (c === "h" && radio.resolved) {
    radio.resolved(words[0] || null);
  } else if (c === "n" && radio.found) {
    radio.found.push({ rssi: parseInt(words[0]), authMode: words[1], ssid: fromHex(words[2], 0) });
  } else if (c === "e" && radio.found) {
    const found = radio.found;
    radio.found = undefined;
    radio.scanned!(found);
  } else if (c === "o") {
    radio.port = parseInt(words[0]);
    radio.opened!();
  }
}
