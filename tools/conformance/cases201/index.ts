/** All cases of OCPP 2.0.1, block by block. */
import type { Case } from "../case.ts";
import { BOOT } from "./b-boot.ts";
import { NETWORK } from "./b-network.ts";
import { RESET } from "./b-reset.ts";
import { REPORTS } from "./b-report.ts";
import { VARIABLES } from "./b-variables.ts";

export const CASES: Case[] = [...BOOT, ...VARIABLES, ...REPORTS, ...NETWORK, ...RESET];
