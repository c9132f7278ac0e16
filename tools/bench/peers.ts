/** What other stacks publish of themselves. */

/** A published figure, in bytes unless its row says otherwise, and where it stands. */
export interface Peer {
  value: number;
  source: string;
}

const MICRO_OCPP = "MicroOcpp";
const BENCHMARK = "benchmark of 2024-11-03 on its gh-pages branch";

export const PEERS = {
  flash: { value: 111_240, source: `${MICRO_OCPP}, 2.0.1 build, ${BENCHMARK}` },
  flashBoth: { value: 149_761, source: `${MICRO_OCPP}, 1.6 build, ${BENCHMARK}` },
  idle: { value: 12_308, source: `${MICRO_OCPP} README, "optimistic best case"` },
  idleMeasured: { value: 16_824, source: `${MICRO_OCPP}, 2.0.1 on Linux, ${BENCHMARK}` },
  peak: { value: 21_916, source: `${MICRO_OCPP} README, "optimistic best case"` },
  peakMeasured: { value: 39_111, source: `${MICRO_OCPP}, 2.0.1 on Linux, ${BENCHMARK}` },
  event: { value: 51.6, source: "OpenOCPP, OCA white paper for resource-constrained devices, 6.1.3" },
  pack: { value: 15_360, source: "OpenOCPP, the same: about 15 KiB to compress" },
  unpack: { value: 7168, source: "OpenOCPP, the same: about 7 KiB to expand" },
  stack: { value: 10_240, source: "OpenOCPP demo-esp32: main task 10,240 B, WebSocket task 6,144 B more" },
  large: { value: 5, source: `${MICRO_OCPP} README: "large message", ESP32 at 160 MHz` },
  boot: { value: 21, source: `${MICRO_OCPP} README: init, ESP32 at 160 MHz` },
} satisfies Record<string, Peer>;
