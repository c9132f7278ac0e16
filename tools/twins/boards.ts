/** Which twins the devices of each board have. */
import type { Hardware } from "../sim/hardware.ts";
import { boardData, type BoardData } from "./board-data.ts";
import { esp32Devkit } from "./esp32-devkit.ts";
import { esp32Dual } from "./esp32-dual.ts";
import { openEvse } from "./openevse-board.ts";
import type { Twin } from "./twin.ts";
import { TwinWiring } from "./twin-wiring.ts";
import { Wires } from "./wires.ts";

/** Makes a board's devices on its wires. */
export type MakeTwins = (hardware: Hardware, wires: Wires, board: BoardData) => Twin[];

export const TWINS: Readonly<Record<string, MakeTwins>> = {
  "esp32-devkit": esp32Devkit,
  "esp32-dual": esp32Dual,
  openevse: openEvse,
};

/** The hardware of board `board`. */
export function twinWiring(board: string, hardware: Hardware): TwinWiring {
  return wiringOf(TWINS[board], hardware, boardData(board));
}

/** Devices on wires of their own. */
export function wiringOf(make: MakeTwins, hardware: Hardware, board: BoardData): TwinWiring {
  const wires = new Wires();
  return new TwinWiring(wires, make(hardware, wires, board), hardware);
}
