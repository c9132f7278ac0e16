/** The report that is being told (OCPP 2.0.1 B07, B08): where in the variable table it is. One at a time. */

/** Numbers of a running report. */
export const enum Report {
  /** Position in the table of the variable that is told next, 0 at the end. */
  At,
  /** Its EVSE, 0 = the station. */
  Evse,
  /** 1 when the first half of its entry is written. */
  Half,
  /** Entries that the page still takes. */
  Room,
  SeqNo,
  /** Position of the component's name. */
  Component,
  /** What is told: initial of the report base, `G` for GetReport. */
  Kind,
  /** GetReport: criteria of a component, a bit each: Active, Available, Enabled, Problem. */
  Criteria,
  Size,
}

export const report = {
  /** `Report.Size` numbers, and for GetReport three for each range of the table: begin, end, EVSE or 0; undefined when no report runs. */
  v: undefined as unknown as Int32Array | undefined,
  /** Its requestId as the CSMS wrote it. */
  id: "",
};
