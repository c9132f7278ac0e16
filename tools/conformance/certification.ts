/**
 * The certification lists, station side. OCPP 2.0.1 Part 5: Core, for an AC station with RFID reader, socket or fixed cable, without cache.
 * OCPP 1.6: the test cases by feature profile.
 */

export interface Group {
  name: string;
  ids: string[];
}

function cases(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .flatMap((word) => {
      const [first, last] = word.split("..");
      if (last === undefined) return [`TC_${first}`];
      const [letter, from] = first.split("_");
      const to = Number(last.split("_").at(-1));
      return Array.from({ length: to - Number(from) + 1 }, (_, i) => `TC_${letter}_${String(Number(from) + i).padStart(2, "0")}`);
    });
}

export const CERTIFICATION_201: Group[] = [
  {
    name: "Mandatory",
    ids: cases(`
      A_01 A_04 A_05 A_06 A_09 A_10 A_19 A_22
      B_01 B_02 B_03 B_06 B_07 B_09 B_10 B_11 B_12 B_13 B_20 B_21 B_22 B_23 B_30 B_32 B_33 B_34 B_35 B_36 B_37 B_39 B_43 B_45 B_46 B_50 B_51
      B_52 B_53 B_57
      E_28 E_29 E_30 E_32 E_33 E_34 E_39 E_40 E_41 E_42 E_50 E_51
      F_04 F_08 F_09 F_20
      G_01..G_19 G_21
      J_01 J_02 J_03 J_07 J_09 J_10
      L_01 L_02 L_03 L_05 L_06 L_07 L_08 L_18
      M_01 M_02 M_07 M_12 M_13 M_17..M_20 M_22
      N_25 N_26 N_32 N_35
      P_01 P_03`),
  },
  {
    name: "Conditional: AC, RFID, power path closed, remote start, detachable or fixed cable",
    ids: cases(`
      A_20 B_15 B_28 B_29 B_41 B_49
      C_02 C_04 C_06 C_07 C_26 C_39 C_56
      E_01 E_03 E_04 E_05 E_06 E_07 E_16 E_17 E_24 E_25 E_31 E_35 E_37 E_38 E_43 E_44
      F_01 F_02 F_03 F_05 F_07 F_10..F_19 F_23 F_24 F_26 F_27
      J_06 K_38 L_10 L_11 N_28 N_31 N_36`),
  },
];

/** `004_1..2` are TC_004_1 and TC_004_2, `013..16` TC_013 to TC_016. */
function cases16(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .flatMap((word) => {
      const [first, last] = word.split("..");
      if (last === undefined) return [`TC_${first}`];
      const [number, part] = first.split("_");
      if (part !== undefined) return range(part, last).map((n) => `TC_${number}_${n}`);
      return range(number, last).map((n) => `TC_${String(n).padStart(3, "0")}`);
    });
}

function range(from: string, to: string): number[] {
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
}

export const CERTIFICATION_16: Group[] = [
  {
    name: "Core",
    ids: cases16(`
      001..003 004_1..2 005_1..3 007 010 011_1..2 012..016 017_1..2 018_1..2 019 021 023 024 026..028 030 031 032_1..2 034 036 037_1..3 038 039
      040_1..2 041 061 062 068..071`),
  },
  { name: "Local authorization list", ids: cases16("008 042_1..2 043 043_1..3") },
  { name: "Reservation", ids: cases16("046_1..2 047 048_1..4 049 050_1..4 051..053") },
  { name: "Remote trigger", ids: cases16("054 055") },
  { name: "Smart charging", ids: cases16("056 057 058_1..2 059 060 066 067 072 082") },
  { name: "Firmware and diagnostics", ids: cases16("044_1..3 045_1..2") },
  { name: "Security", ids: cases16("073..081 083..087") },
];
