/** All cases of OCPP 2.0.1, block by block. */
import type { Case } from "../case.ts";
import { BOOT } from "./b-boot.ts";

export const CASES: Case[] = [...BOOT];
