/** The two suites: which cases, which certification list, where the table is. */
import type { Protocol } from "../csms/csms.ts";
import type { Case } from "./case.ts";
import { CASES as CASES_16 } from "./cases16/index.ts";
import { CASES as CASES_201 } from "./cases201/index.ts";
import { CERTIFICATION_16, CERTIFICATION_201, type Group } from "./certification.ts";

export interface Suite {
  cases: Case[];
  certification: Group[];
  table: string;
  /** What the table is about. */
  title: string;
  /** Where the ids of the test cases come from. */
  source: string;
  /** Heading of the certification list. */
  list: string;
}

export const SUITES: Record<Protocol, Suite> = {
  "ocpp2.0.1": {
    cases: CASES_201,
    certification: CERTIFICATION_201,
    table: "docs/conformance-201.md",
    title: "OCPP 2.0.1 Core",
    source: "the certification's Part 6",
    list: "Certification list for Core",
  },
  "ocpp1.6": {
    cases: CASES_16,
    certification: CERTIFICATION_16,
    table: "docs/conformance-16.md",
    title: "OCPP 1.6J",
    source: "the certification (`TC_nnn_CS`)",
    list: "Certification list by feature profile",
  },
};
