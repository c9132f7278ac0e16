/** The station's second: counts its times down. */
import { clock, EPOCH } from "../kernel/clock";
import { Connection, connection } from "../kernel/connection";
import { rpc, soon } from "../kernel/rpc";
import { journal } from "../store/journal";
import { packSlice } from "../store/pack";
import { verdictOffline } from "./authorize";
import { charging } from "./charging";
import { Booking, evses, Field, Flag, pending, Registration, station, Step } from "./evse";
import { evaluate } from "./evaluate";
import { endBooking } from "./reservation";
import { alignedDue, endSampleDue, sampleDue } from "./samples";
import { limitsChanged } from "./limit";
import { permitTimedOut, pendingTimedOut, resetEvse, resetTick, resumeTimedOut, start } from "./seconds";

/** One second has passed. */
export function stationTick(): void {
  const v = evses.v;
  if (station.ready !== 1) {
    start();
  }
  if (pending.left && !--pending.left) {
    pendingTimedOut();
  }
  if (
    (pending.step === Step.Ask || (pending.step === Step.Asked && !rpc.call)) &&
    (connection.state !== Connection.Open || station.registration !== Registration.Accepted)
  ) {
    verdictOffline(); // the line was lost before the question was asked, or its answer was
  }
  for (let at = 0; at < v.length; at += Field.Size) {
    if (v[at + Field.Sample] && !--v[at + Field.Sample]) {
      sampleDue(at / Field.Size);
    }
    if (v[at + Field.EndSample] && !--v[at + Field.EndSample]) {
      endSampleDue(at / Field.Size);
    }
    if (v[at + Field.Hold] && !--v[at + Field.Hold]) {
      soon();
    }
    if (v[at + Field.EnergyStop] && v[at + Field.WattHours] >= v[at + Field.EnergyStop]) {
      v[at + Field.EnergyStop] = 0;
      evaluate(at / Field.Size);
    }
    if (v[at + Field.Left] && !--v[at + Field.Left]) {
      permitTimedOut(at / Field.Size);
    }
    if (v[at + Field.BookedUntil] && clock.boot && v[at + Field.BookedUntil] <= clock.boot - EPOCH + clock.up) {
      endBooking(at / Field.Size, Booking.Expired);
    }
    if (v[at + Field.Flags] & Flag.Reset && !v[at + Field.Transaction] && !v[at + Field.LockWanted]) {
      v[at + Field.Reported] = -1;
      resetEvse(at / Field.Size);
    }
  }
  if (station.aligned && !--station.aligned) {
    alignedDue();
  }
  if (--charging.left < 1) {
    limitsChanged();
  }
  if (station.resume && !--station.resume) {
    resumeTimedOut();
  }
  if (station.reset) {
    resetTick();
  }
  if (journal.full && connection.state !== Connection.Open) {
    packSlice();
  }
  if (station.left && !--station.left) {
    station.heartbeat = station.registration === Registration.Accepted ? 1 : 0;
    soon();
  }
  if (rpc.held || (station.wait && !--station.wait)) {
    soon();
  }
}
