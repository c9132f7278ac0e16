/** Random journals for property tests: valid sequences of records, as the station may write them. */
import fc from "fast-check";
import type { JournalRecord } from "../../tools/flash/records.ts";

/** SEED repeats a run; it is in the titles of the tests. */
export const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
export const FULL = process.env.FULL === "1";

const number = (most: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 200 }) }, fc.nat({ max: most }));
const bytes = (least: number, most: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((codes) => Buffer.from(codes).toString("latin1"));
const evse = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 1) }, fc.nat({ max: 7 }));
const time = fc.oneof(fc.nat({ max: 100_000 }), fc.integer({ min: 134_217_728, max: 2_147_483_647 }));
const values = fc.record({ wattHours: number(2 ** 31 - 1), watts: number(400_000), centiamps: number(100_000) });

const event = fc
  .record({
    kind: fc.constant("event" as const),
    evse,
    cause: fc.nat({ max: 31 }),
    charging: fc.nat({ max: 7 }),
    reason: fc.nat({ max: 31 }),
    time,
    end: fc.boolean(),
    start: fc.option(bytes(1, 36), { nil: undefined }),
    token: fc.option(bytes(1, 37), { nil: undefined }),
    remoteStartId: fc.option(fc.integer(), { nil: undefined }),
    values: fc.option(values, { nil: undefined }),
    tellsEvse: fc.constantFrom(true, undefined),
    reservationId: fc.option(fc.integer(), { nil: undefined }),
    supply: fc.option(fc.record({ decivolts: number(10_000), deciamps: number(1_000) }), { nil: undefined }),
  })
  .chain((rest) => (rest.end ? bytes(1, 40) : fc.constant(undefined)).map((history) => ({ ...rest, history })));
const sample = fc
  .record({ kind: fc.constant("sample" as const), evse, time })
  .chain((head) => values.map((rest) => ({ ...head, ...rest })));
const context = fc.record({
  kind: fc.constant("context" as const),
  evse,
  id: bytes(1, 36),
  token: fc.option(bytes(1, 37), { nil: undefined }),
  time,
  wattHours: number(2 ** 31 - 1),
  step: fc.integer(),
  watts: number(400_000),
  centiamps: number(100_000),
  interval: fc.integer(),
  seqNo: number(100_000),
  beginTime: time,
  beginWattHours: number(2 ** 31 - 1),
});

/** Any record at any place. */
export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  { weight: 8, arbitrary: sample },
  { weight: 4, arbitrary: event },
  { weight: 1, arbitrary: context },
  { weight: 1, arbitrary: time.map((at) => ({ kind: "clock" as const, time: at })) },
  { weight: 1, arbitrary: fc.constant({ kind: "boot" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("skip" as const), evse, seqNos: fc.nat({ max: 1000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move" as const), evse, to: evse }) },
);

export const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 60 });
