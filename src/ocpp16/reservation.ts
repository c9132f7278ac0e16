/**
 * @overlay
 * OCPP 1.6, 5.13 ReserveNow, 5.3 CancelReservation (RV-01 … RV-05). Connector 0 is not supported: ReserveConnectorZeroSupported is false.
 */
import { answer } from "../kernel/call";
import { type Cursor, member, scalar } from "../kernel/json";
import { cancel, reserve } from "../station/reservation";
import { tagOf } from "./authorize";

/** ReserveNow. */
export function reserveNow(p: Cursor): void {
  answer(
    reserve(
      parseInt(scalar(member(p, "connectorId"))) - 1,
      parseInt(scalar(member(p, "reservationId"))),
      scalar(member(p, "expiryDate")),
      tagOf(p, "idTag") + "\n" + tagOf(p, "parentIdTag"),
    ),
  );
}

/** CancelReservation. */
export function cancelReservation(p: Cursor): void {
  answer(cancel(parseInt(scalar(member(p, "reservationId")))));
}
