/** RFC 3339 date-times of the firmware (src/kernel/datetime.ts) against the Date of Node. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { dateTime, parseDateTime } from "../../src/kernel/datetime.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const numRuns = process.env.FULL === "1" ? 200_000 : 3000;
const seconds = fc.integer({ min: 0, max: Date.UTC(2106, 1, 7) / 1000 });

function written(time: number): string {
  return new Date(time * 1000).toISOString().replace(".000", "");
}

describe(`date-times of the firmware (SEED=${SEED})`, () => {
  it("dateTime writes what Date writes, to the second", () => {
    fc.assert(
      fc.property(seconds, (time) => assert.equal(dateTime(time), written(time))),
      { seed: SEED, numRuns },
    );
  });

  it("… on every day of 1970 to 2106, first and last second", () => {
    for (let day = 0; day < 49710; day += process.env.FULL === "1" ? 1 : 7) {
      for (const time of [day * 86400, day * 86400 + 86399]) assert.equal(dateTime(time), written(time));
    }
  });

  it("parseDateTime reads back what dateTime writes", () => {
    fc.assert(
      fc.property(seconds, (time) => assert.equal(parseDateTime(dateTime(time)), time)),
      { seed: SEED, numRuns },
    );
  });

  it("parseDateTime reads fractions and zones as Date does", () => {
    const text = fc
      .tuple(
        seconds,
        fc.constantFrom("", ".0", ".5", ".999", ".123456789"),
        fc.constantFrom("Z", "+00:00", "-00:00", "+05:30", "-09:45", "+14:00", "-12:00", "+23:59"),
      )
      .map(([time, fraction, zone]) => written(time).slice(0, -1) + fraction + zone);
    fc.assert(
      fc.property(text, (value) => {
        const time = Math.floor(Date.parse(value) / 1000);
        assert.equal(parseDateTime(value), time < 0 ? parseDateTime(value) : time, value);
      }),
      { seed: SEED, numRuns },
    );
  });

  it("parseDateTime takes lower case t and z (RFC 3339 5.6)", () => {
    assert.equal(parseDateTime("2026-11-20t05:12:43z"), Date.UTC(2026, 10, 20, 5, 12, 43) / 1000);
  });

  it("parseDateTime refuses what is no date-time", () => {
    for (const text of [
      "",
      "yesterday",
      "2026-11-20",
      "2026-11-20T05:12:43",
      "2026-11-20T05:12Z",
      "2026-11-20T05:12:43.Z",
      "2026-11-20T05:12:43,5Z",
      "2026-11-20T24:00:00Z",
      "2026-11-20T23:60:00Z",
      "2026-11-20T23:59:61Z",
      "2026-00-20T05:12:43Z",
      "2026-13-20T05:12:43Z",
      "2026-11-00T05:12:43Z",
      "2026-11-31T05:12:43Z",
      "2026-02-29T05:12:43Z",
      "2100-02-29T05:12:43Z",
      "1969-12-31T23:59:59Z",
      "2026-11-20T05:12:43+5:30",
      "2026-11-20T05:12:43+0530",
      "2026-11-20T05:12:43+24:00",
      "2026-11-20T05:12:43+05:60",
      "2026-11-20T05:12:43 Z",
      "2026-11-20T05:12:43Z ",
      " 2026-11-20T05:12:43Z",
      "2026-11-20T05:12:43ZZ",
      "+2026-11-20T05:12:43Z",
      "2026-1-20T05:12:43Z",
      "20261120T051243Z",
      "2026-11-20T05:12:43+0x:00",
      "2026-11-20T05:12:43+1 :00",
      "2026-11-20T05:12:43+-1:00",
      "2026-11-20T05:12:43+ 1:00",
      "2026-11-20T05:12:43+01: 1",
      "2026-11-20T05:12:43+01:1",
      "2026-11-20T05:12:43+1.:00",
    ]) {
      assert.ok(parseDateTime(text) < 0, `"${text}" is taken for ${parseDateTime(text)}`);
    }
    assert.ok(parseDateTime("2024-02-29T05:12:43Z") > 0, "a leap day");
    assert.ok(parseDateTime("2000-02-29T05:12:43Z") > 0, "a leap day of a century");
  });

  it("parseDateTime of any text: a date that Date reads too, or none", () => {
    const near = fc.tuple(seconds, fc.nat(24), fc.string({ maxLength: 3 })).map(([time, at, other]) => {
      const text = written(time);
      return text.slice(0, at) + other + text.slice(at + 1);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        const time = parseDateTime(text);
        if (time < 0) return;
        // Date knows no leap second and wants the upper-case T; everything else it must read to the same second.
        const known = text
          .toUpperCase()
          .replace(" ", "T")
          .replace(/:60(?=[.Z+-])/, ":59");
        assert.equal(
          time,
          Math.floor(Date.parse(known.replace(/\.(\d{1,3})\d*/, ".$1")) / 1000) +
            (known === text.toUpperCase().replace(" ", "T") ? 0 : 1),
          JSON.stringify(text),
        );
      }),
      { seed: SEED, numRuns },
    );
  });
});
