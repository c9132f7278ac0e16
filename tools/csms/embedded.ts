/**
 * The CSMS inside another command: on its usual port, because a used flash may know its address, or on any free one.
 */
import { startCsms, type Csms, type CsmsOptions } from "./csms.ts";

const USUAL_PORT = 9000;

export async function startEmbeddedCsms(options: CsmsOptions): Promise<Csms> {
  const both: CsmsOptions = { protocols: ["ocpp2.0.1", "ocpp1.6"], ...options };
  try {
    return await startCsms({ ...both, port: USUAL_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startCsms({ ...both, port: 0 });
  }
}
