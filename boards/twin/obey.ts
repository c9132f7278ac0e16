/**
 * @overlay
 * Lines of the simulator's twins: `a<pin>,<0 … 65535>` analog level · `i<pin>,<0|1>` digital level · `r<port>,<hex>` bytes received ·
 * `x<hex>` bytes that the next I2C reads give · `V…` Wi-Fi (obey-radio.ts) · `h<seconds>` delay of the next restart ·
 * `z0` the drivers are not called any more · `z1` an endless loop. The others are those of board `sim`, for what this board has no driver for.
 */
import { obey as obeySim } from "../sim/obey";
import { fromHex } from "./hex";
import { wires } from "./wires";

/** Do what `line` says. */
export function obey(line: string): void {
  const c = line[0];
  const comma = line.indexOf(",");
  if (c === "a") {
    wires.levels[parseInt(line.substr(1))] = parseInt(line.substr(comma + 1));
  } else if (c === "i") {
    const pin = parseInt(line.substr(1));
    wires.levels[pin] = parseInt(line.substr(comma + 1)) * 65535;
    if (wires.fell && !wires.levels[pin]) {
      wires.fell({ pin: pin });
    }
  } else if (c === "r") {
    const bytes = fromHex(line, comma + 1);
    if (line[1] === "1") {
      wires.serial1(bytes);
    } else {
      wires.serial2(bytes);
    }
  } else if (c === "x") {
    wires.i2c += fromHex(line, 1);
  } else if (c === "V" && wires.radio) {
    wires.radio(line);
  } else if (c === "h") {
    wires.delay = parseInt(line.substr(1));
  } else if (c === "z") {
    wires.poll = wires.second = E.hwRand;
    while (line[1] === "1") {}
  } else {
    obeySim(line);
  }
}
