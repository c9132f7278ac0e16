/**
 * Eastron SDM120-Modbus, one phase: "SDM120-Modbus Smart Meter Modbus Protocol Implementation", section 1.2.1 Input Registers (function 04,
 * two registers a value: IEEE 754 binary32, high word first). As delivered: address 1, 2400 baud, no parity, 1 stop bit.
 * To be checked on a bench: that it answers within 0.5 s at 2400 baud.
 *
 * | register | value | unit |
 * |---|---|---|
 * | 0x0000 | voltage | V |
 * | 0x0006 | current | A |
 * | 0x000C | active power | W |
 * | 0x0048 | import active energy | kWh |
 */

/** Voltage, current, power, energy: address of the first register and number of values behind it (`src/drivers/modbus.ts`). */
export const SDM120 = "\x00\x00\x01\x00\x06\x01\x00\x0c\x01\x00\x48\x01";
