/**
 * @overlay
 * OCPP 1.6, 4.2 BootNotification. Its answer, Heartbeat and the clock are in src/station/registration.ts.
 */
import { MODEL, SERIAL_NUMBER, VENDOR_NAME, VERSION } from "board";
import { beginCall } from "../kernel/call";
import { rpc } from "../kernel/rpc";
import { Call, Trigger } from "../station/calls";
import { station } from "../station/evse";

/** BootNotification (BT-01). */
export function bootNotification(): void {
  station.triggered &= ~Trigger.Boot;
  beginCall(Call.BootNotification, "BootNotification");
  rpc.out +=
    '{"chargePointVendor":"' +
    VENDOR_NAME +
    '","chargePointModel":"' +
    MODEL +
    '","chargePointSerialNumber":"' +
    SERIAL_NUMBER +
    '","firmwareVersion":"' +
    VERSION +
    "-" +
    BUILD_ID +
    '"}';
}
