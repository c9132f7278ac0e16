/**
 * Eastron SDM630-Modbus V2, three phases: "SDM630-Modbus Smart Meter Modbus Protocol Implementation", section 1.2.1 Input Registers
 * (function 04, two registers a value: IEEE 754 binary32, high word first). As delivered: address 1, 9600 baud, no parity, 1 stop bit.
 * To be checked on a bench: wiring 3p4w is set in its menu; with 3p3w the voltages are those between lines.
 *
 * | register | value | unit |
 * |---|---|---|
 * | 0x0000, 0x0002, 0x0004 | phases 1 to 3 line to neutral | V |
 * | 0x0006, 0x0008, 0x000A | phases 1 to 3 current | A |
 * | 0x0034 | total system power | W |
 * | 0x0048 | total import active energy | kWh |
 */

/** Voltage, current, power, energy: address of the first register and number of values behind it (`src/drivers/modbus.ts`). */
export const SDM630 = "\x00\x00\x03\x00\x06\x03\x00\x34\x01\x00\x48\x01";
